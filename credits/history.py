"""A page of the history: lines for a reader, and the way to older and newer ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from credits.causes import Cause, Scope, causes_of
from credits.models import Entry, EntryKind
from credits.models.entry import EntryQuerySet
from credits.selectors import history_of

PAGE = 25

GROUPS: dict[str, tuple[EntryKind, ...]] = {
    "added": (EntryKind.GRANT, EntryKind.REFUND, EntryKind.RESTORE),
    "spent": (EntryKind.SETTLE,),
    "held": (EntryKind.HOLD, EntryKind.RELEASE),
    "expired": (EntryKind.EXPIRE,),
    "adjusted": (EntryKind.ADJUST,),
    "taken_back": (EntryKind.CLAWBACK,),
}
_NOTHING = UUID(int=0)
_MOVED = {EntryKind.HOLD: "held", EntryKind.RELEASE: "freed"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the statement as `components/entry.html` shows it."""

    at: datetime
    text: str
    why: str
    """What the description says after its first sentence: for a charge, its reason."""
    amount: int
    balance: int
    held: bool
    """Credits only change between free and held; `word` says which way."""
    word: str
    note: str
    href: str
    set_aside: int
    """What the hold of a settlement had set aside; `back` of it came back."""
    back: int


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, newest first, and the numbers from which the neighbouring pages go on."""

    lines: list[Line]
    newer_than: int | None
    older_than: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of the history: all of them, unless told otherwise. `until` is not included."""

    kinds: tuple[EntryKind, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    about: Scope | None = None
    words: str = ""

    def entries_of(self, user: User) -> EntryQuerySet:
        """The entries of `user` that are wanted, newest first."""
        return history_of(
            user, kinds=self.kinds, since=self.since, until=self.until, about=self.about, words=self.words
        )


def page_of(
    user: User,
    *,
    group: str = "",
    wanted: Wanted | None = None,
    older_than: int | None = None,
    newer_than: int | None = None,
) -> Page:
    """Return one page of the history of `user`, before or after an entry's number.

    `group` names kinds (one of GROUPS); `wanted` says it in full.
    """
    entries = (wanted or Wanted(kinds=GROUPS.get(group, ()))).entries_of(user)
    if newer_than is not None:
        found = list(entries.filter(seq__gt=newer_than).order_by("seq")[: PAGE + 1])
        rows, more = found[:PAGE][::-1], len(found) > PAGE
        return _page(user, rows, newer=more, older=bool(rows))
    if older_than is not None:
        entries = entries.filter(seq__lt=older_than)
    found = list(entries[: PAGE + 1])
    return _page(user, found[:PAGE], newer=older_than is not None, older=len(found) > PAGE)


def lines_of(user: User, rows: Sequence[Entry]) -> list[Line]:
    """Return entries of `user` as lines, each with its cause: one query for a kind of cause."""
    causes = causes_of(user, rows)
    return [line_of(row, causes.get((row.reference_kind, row.reference_id or _NOTHING))) for row in rows]


def _page(user: User, rows: list[Entry], *, newer: bool, older: bool) -> Page:
    return Page(
        lines_of(user, rows),
        newer_than=rows[0].seq if rows and newer else None,
        older_than=rows[-1].seq if rows and older else None,
    )


def line_of(entry: Entry, cause: Cause | None = None) -> Line:
    """Return `entry` as a line for a reader, with what caused it if they may know."""
    kind = EntryKind(entry.kind)
    text, _, why = entry.description.partition(". ")
    set_aside = -entry.held_change if kind == EntryKind.SETTLE else 0
    return Line(
        at=entry.created_at,
        text=text or str(kind.label),
        why=why,
        amount=-entry.held_change if kind in _MOVED else entry.amount,
        balance=entry.balance_after,
        held=kind in _MOVED,
        word=_MOVED.get(kind, ""),
        note=cause.label if cause else "",
        href=cause.url if cause else "",
        set_aside=set_aside,
        back=set_aside + entry.amount if set_aside else 0,
    )
