"""Asking for the password again before something that outlives the sign-in."""

from allauth.core import ratelimit
from django.http import HttpRequest

from accounts.models import User
from config.common.errors import Invalid, TooMany


def require_password(*, request: HttpRequest, user: User, password: str) -> None:
    """Return where `password` is the user's. Raises Invalid where it is not, TooMany after some tries."""
    if not user.has_usable_password():
        message = "Your account has no password: you sign in by GitHub. Use the settings page."
        raise Invalid(message, details={"fields": {"password": [message]}})
    if not ratelimit.consume(request, action="reauthenticate", user=user):
        raise TooMany("Too many wrong passwords. Try again in a minute.", retry_after=60)
    if not user.check_password(password):
        raise Invalid("That is not your password.", details={"fields": {"password": ["It is not right."]}})
