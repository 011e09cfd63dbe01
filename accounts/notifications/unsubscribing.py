"""The signed link in a mail that ends mails of its kind, without signing in."""

from uuid import UUID

from django.core import signing

from accounts.models import User
from accounts.notifications.kinds import RULES, Channel, Kind

_SALT = "accounts.notifications.unsubscribe"


def token_for(*, user: User, kind: Kind) -> str:
    """Return what proves, for good, that a mail of `kind` was written to `user`; it opens nothing else."""
    return _signer().sign_object([user.pk.hex, kind.value])


def read_token(token: str) -> tuple[User, Kind] | None:
    """Return whose mails of which kind `token` ends; None for a forged one, or where they cannot be ended."""
    try:
        user_id, value = _signer().unsign_object(token)
        kind = Kind(value)
    except (signing.BadSignature, ValueError):
        return None
    user = User.objects.filter(pk=UUID(hex=user_id)).first()
    if user is None or Channel.EMAIL in RULES[kind].locked:
        return None
    return user, kind


def _signer() -> signing.Signer:
    """Sign without a date: a mail may be read years later, and all it can do is end a kind of mail."""
    return signing.Signer(salt=_SALT)
