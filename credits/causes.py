"""What the ledger's movements were for, in the words of the apps above that caused them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Cause:
    """What to call it, and where to read it."""

    label: str
    url: str


class Referring(Protocol):
    """Whatever names what caused it: an entry, or a reference by itself."""

    @property
    def reference_kind(self) -> str:
        """The kind of what caused it."""

    @property
    def reference_id(self) -> UUID | None:
        """Its id, where anything is named."""


class Reference(NamedTuple):
    """What caused movements, by itself."""

    reference_kind: str
    reference_id: UUID


Describe = Callable[[User, Collection[UUID]], Mapping[UUID, Cause]]
"""Describes those of the ids that the user may see, all in one query."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A thing that caused many movements: its title, and the references in the journal that are about it."""

    label: str
    reference_kind: str
    ids: Collection[UUID]
    since: datetime
    """Nothing about it was written before."""


FindScope = Callable[[User, UUID], Scope | None]
"""Finds the scope of an id; None where the user may not see it."""
Recent = Callable[[User], list[tuple[UUID, str]]]
"""Lists the things a user's latest movements were about: ids and titles, newest first."""

_describers: dict[str, Describe] = {}
_scopes: dict[str, tuple[FindScope, Recent]] = {}


def register(kind: str, describe: Describe) -> None:
    """Let `describe` speak for references of `kind`. Called from an AppConfig.ready()."""
    _describers[kind] = describe


def register_scope(kind: str, find: FindScope, recent: Recent) -> None:
    """Let the history be read by things of `kind`, as "session". Called from an AppConfig.ready()."""
    _scopes[kind] = (find, recent)


def scope_of(user: User, kind: str, thing_id: UUID) -> Scope | None:
    """Return what `user` may know of a thing that caused movements; None where there is no such thing."""
    return _scopes[kind][0](user, thing_id) if kind in _scopes else None


def recent_things(user: User) -> dict[str, list[tuple[UUID, str]]]:
    """Return, by kind, what the latest movements of `user` were about."""
    return {kind: recent(user) for kind, (_, recent) in _scopes.items()}


def causes_of(user: User, entries: Iterable[Referring]) -> dict[tuple[str, UUID], Cause]:
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
