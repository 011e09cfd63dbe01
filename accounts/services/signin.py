"""Signing a program in: the same proof, limits and silence as on the sign-in page."""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.mfa.base.forms import AuthenticateForm
from django.contrib.auth.models import update_last_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts import tokens
from accounts.models import User
from accounts.security import needs_second_factor
from accounts.services.verification import is_verified
from config.common.errors import DomainError, TooMany


class SignInRefused(DomainError):
    """Not signed in; `code` says what is missing once the password is right."""

    status = 401
    code = "invalid_credentials"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


def sign_in(*, request: HttpRequest, email: str, password: str, code: str = "") -> tokens.Tokens:
    """Return tokens for whoever knows the password and, where it is on, has the second factor.

    An unknown address and a wrong password get one answer in one time. Only to a right password the
    refusal says more: the address is not proven, the account is suspended, a code is asked for.
    """
    if not ratelimit.consume(request, action="login"):
        raise TooMany("Too many sign-ins from your network. Try again in a minute.", retry_after=60)
    user = _user_by_password(request, email.strip().lower(), password)
    if not user.is_active:
        raise SignInRefused("This account is suspended.", code="account_suspended")
    if not is_verified(user=user):
        raise SignInRefused(
            "Open the link in the mail we sent you first. Signing in on the page sends another.",
            code="email_unverified",
        )
    if needs_second_factor(user=user):
        _check_second_factor(user, code)
    update_last_login(User, user)
    return tokens.issue(user=user)


def _user_by_password(request: HttpRequest, email: str, password: str) -> User:
    try:
        user: User | None = get_adapter(request).authenticate(request, email=email, password=password)
    except ValidationError as error:
        raise _too_many(error) from None
    if user is None:
        raise SignInRefused("The e-mail address or the password is not right.")
    return user


def _check_second_factor(user: User, code: str) -> None:
    if not code:
        raise SignInRefused(
            "Send the code of your authenticator app, or a recovery code, as `code`.", code="mfa_required"
        )
    form = AuthenticateForm({"code": code}, user=user)
    if not form.is_valid():
        problem = form.errors.as_data()["code"][0]
        if problem.code == "too_many_login_attempts":
            raise _too_many(problem)
        raise SignInRefused("The code is not right, or was used before.", code="invalid_code")
    form.authenticator.record_usage()


def _too_many(error: ValidationError) -> TooMany:
    return TooMany(" ".join(error.messages), retry_after=300)
