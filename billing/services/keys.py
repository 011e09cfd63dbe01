"""The business keys under which a user's own changes are asked of Stripe."""

from hashlib import sha256

from accounts.models import User


def request_key(user: User, key: str, step: str) -> str:
    """Return the key of one step of what `user` asked for under `key`: the caller's, of any length."""
    return f"{step}:{user.pk}:{sha256(key.encode()).hexdigest()[:32]}"
