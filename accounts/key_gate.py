"""Whether a person may use API keys: the app that sells plans says it."""

from collections.abc import Callable

from accounts.models import User
from config.common.errors import DomainError

Guard = Callable[[User], None]

_guards: list[Guard] = []


def register(guard: Guard) -> None:
    """Let `guard(user)` raise Refused where the user's plan has no API keys. Called once, in `ready`."""
    if _guards and _guards != [guard]:
        raise ValueError("Somebody guards the API keys already.")
    _guards[:] = [guard]


def require(*, user: User) -> None:
    """Raise Refused, with the plan that would allow it, unless `user` may use API keys now."""
    for guard in _guards:
        guard(user)


def refusal(*, user: User) -> DomainError | None:
    """Return why `user` may use no API keys now; None where they may."""
    try:
        require(user=user)
    except DomainError as error:
        return error
    return None
