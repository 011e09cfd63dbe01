"""How many avatars a person may have: the app that sells plans says it."""

from collections.abc import Callable

from accounts.models import User
from config.common.errors import DomainError

Guard = Callable[[User, int], None]

_guards: list[Guard] = []


def register(guard: Guard) -> None:
    """Let `guard(user, held)` raise Refused where the user may have no more than `held`. Once, in `ready`."""
    if _guards and _guards != [guard]:
        raise ValueError("Somebody guards the avatars already.")
    _guards[:] = [guard]


def require(*, user: User, held: int) -> None:
    """Raise Refused, with the plan that would allow it, unless `user` may have one more than `held`."""
    for guard in _guards:
        guard(user, held)


def has_several(*, user: User) -> bool:
    """Tell whether the user's plan carries more than one avatar; those beyond it can then be written as."""
    try:
        require(user=user, held=1)
    except DomainError:
        return False
    return True
