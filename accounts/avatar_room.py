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


def most(*, user: User, held: int) -> int:
    """Return how many of the `held` avatars the user may write as: all, or as many as the plan carries."""
    for number in range(1, held):
        try:
            require(user=user, held=number)
        except DomainError:
            return number
    return held
