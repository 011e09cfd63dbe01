"""How many avatars a plan carries."""

from accounts.models import User
from billing import entitlements


def held(user: User) -> int:
    """How many avatars `user` has."""
    return user.avatars.count()


def most(user: User) -> int | None:
    """How many avatars the plan of `user` lets them write as; None for any number."""
    limits = entitlements.limits_for(user)
    return limits.of("avatar_creations") if limits.has("multiple_avatars") else 1


def require_another(user: User, held: int) -> None:
    """Raise Refused unless the plan of `user`, who has `held` avatars, carries one more."""
    if held:
        entitlements.require_feature(user=user, feature="multiple_avatars")
    entitlements.require(user=user, limit="avatar_creations", used=held)
