"""How many avatars a person may have: the app that sells plans says it."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Room:
    """What a plan says: `require(user, held)` raises Refused where one more than `held` is too many;
    `most(user)` is how many the user may write as, None for any number."""

    require: Callable[[User, int], None]
    most: Callable[[User], int | None]


_rooms: list[Room] = []


def register(room: Room) -> None:
    """Let `room` bound everybody's avatars. Once, in an app's `ready`; ValueError for a second one."""
    if _rooms and _rooms != [room]:
        raise ValueError("Somebody bounds the avatars already.")
    _rooms[:] = [room]


def require(*, user: User, held: int) -> None:
    """Raise Refused, with the plan that would allow it, unless `user` may have one more than `held`."""
    for room in _rooms:
        room.require(user, held)


def most(*, user: User) -> int | None:
    """Return how many avatars `user` may write as; None for any number."""
    return next((room.most(user) for room in _rooms), None)
