"""What the ledger's movements were for, in the words of the apps above that caused them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from credits.models import Entry


@dataclass(frozen=True, slots=True)
class Cause:
    """What to call it, and where to read it."""

    label: str
    url: str


Describe = Callable[[User, Collection[UUID]], Mapping[UUID, Cause]]
"""Describes those of the ids that the user may see, all in one query."""

_describers: dict[str, Describe] = {}


def register(kind: str, describe: Describe) -> None:
    """Let `describe` speak for references of `kind`. Called from an AppConfig.ready()."""
    _describers[kind] = describe


def causes_of(user: User, entries: Iterable[Entry]) -> dict[tuple[str, UUID], Cause]:
    """Return what `user` may know of the references of `entries`, by kind and id: one query for a kind."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for entry in entries:
        if entry.reference_id is not None and entry.reference_kind in _describers:
            wanted[entry.reference_kind].add(entry.reference_id)
    return {
        (kind, reference_id): cause
        for kind, ids in wanted.items()
        for reference_id, cause in _describers[kind](user, ids).items()
    }
