"""Where the studio differs from allauth's defaults."""

from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest
from django.shortcuts import redirect

from accounts import sealing
from accounts.models import User
from accounts.services.verification import announce
from config.common.network import client_ip


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, verification and sign-in by e-mail."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that every limit of the studio goes by."""
        return client_ip(request)

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        """Store a new user with the name they gave: their first avatar is opened under it."""
        user.display_name = form.cleaned_data.get("display_name", "")
        saved: User = super().save_user(request, user, form, commit=commit)
        return saved

    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Mark the address as proven; what that opens is opened with it or not at all."""
        return bool(super().confirm_email(request, email_address))

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner; the time this takes tells nobody else that there is one."""
        _open_and_undo()
        super().send_account_already_exists_mail(email)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in by GitHub: an address counts only where it is proven."""

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """The keys of a provider; its pages are not there where the studio has none."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise Http404 from None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Forget the addresses GitHub has not verified; without any other nobody new comes in by them."""
        proven = [address for address in sociallogin.email_addresses if address.verified]
        proven.sort(key=lambda address: not address.primary)
        sociallogin.email_addresses = proven
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        if not proven:
            messages.error(
                request,
                "GitHub has not verified your e-mail address. Verify it there, or sign up with a password.",
            )
            raise ImmediateHttpResponse(redirect("account_signup"))
        sociallogin.user.email = proven[0].email

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Start from the name on the GitHub profile."""
        user: User = super().populate_user(request, sociallogin, data)
        user.display_name = (data.get("name") or data.get("username") or "")[:80]
        return user

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Form | None = None) -> User:
        """Store a new user whose address GitHub has proven."""
        user: User = super().save_user(request, sociallogin, form)
        announce(user=user, address=client_ip(request))
        return user

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """The account that GitHub's proven addresses belong to, if it too has proven the address.

        An unproven account may have been opened by somebody else, in wait for the address's owner.
        """
        found: tuple[User, str] | None = super().authenticate_by_email(sociallogin)
        if found is None:
            return None
        user, email = found
        proven = EmailAddress.objects.filter(user=user, email=email, verified=True).exists()
        return found if proven else None


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: their secrets lie sealed in the database."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return sealing.seal(text, purpose="mfa")

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return sealing.unseal(encrypted_text, purpose="mfa")


@transaction.atomic
def _open_and_undo() -> None:
    """Do the work of opening an account, whatever the apps above add to it, and leave nothing of it."""
    nobody = User.objects.create_user(f"{uuid4().hex}@example.invalid", "a passphrase to hash")
    EmailAddress.objects.create(user=nobody, email=nobody.email, primary=True)
    transaction.set_rollback(True)
