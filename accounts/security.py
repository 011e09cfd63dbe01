"""What protects an account at present."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings

from accounts.models import User
from accounts.services.verification import is_verified


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The ways a user can sign in, and where they are signed in."""

    address_proven: bool
    has_password: bool
    authenticator_app: bool
    passkeys: int
    recovery_codes: bool
    sessions: int
    last_login: datetime | None
    github_offered: bool
    github_connected: bool

    @property
    def two_step(self) -> bool:
        """Whether a password alone is not enough."""
        return self.authenticator_app or self.passkeys > 0


def overview(*, user: User) -> Overview:
    """Return what protects `user`."""
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return Overview(
        address_proven=is_verified(user=user),
        has_password=user.has_usable_password(),
        authenticator_app=Authenticator.Type.TOTP in kinds,
        passkeys=kinds.count(Authenticator.Type.WEBAUTHN),
        recovery_codes=Authenticator.Type.RECOVERY_CODES in kinds,
        sessions=UserSession.objects.filter(user=user).count(),
        last_login=user.last_login,
        github_offered=bool(settings.GITHUB_CLIENT_ID),
        github_connected=SocialAccount.objects.filter(user=user, provider="github").exists(),
    )


def needs_second_factor(*, user: User) -> bool:
    """Whether signing in as `user` takes more than a password."""
    strong = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user=user, type__in=strong).exists()
