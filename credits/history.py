"""A page of the history: lines for a reader, and the way to older and newer ones."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from credits.causes import Cause, causes_of
from credits.models import Entry, EntryKind
from credits.selectors import history_of

PAGE = 25

GROUPS: dict[str, tuple[EntryKind, ...]] = {
    "added": (EntryKind.GRANT, EntryKind.REFUND),
    "spent": (EntryKind.SETTLE,),
    "held": (EntryKind.HOLD, EntryKind.RELEASE),
    "expired": (EntryKind.EXPIRE,),
    "adjusted": (EntryKind.ADJUST,),
}
_NOTHING = UUID(int=0)
_MOVED = {EntryKind.HOLD: "held", EntryKind.RELEASE: "freed"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the statement as `components/entry.html` shows it."""

    at: datetime
    text: str
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


def page_of(
    user: User, *, group: str = "", older_than: int | None = None, newer_than: int | None = None
) -> Page:
    """Return one page of the history of `user`, of a group of kinds, before or after an entry's number."""
    entries = history_of(user, kinds=GROUPS.get(group, ()))
    if newer_than is not None:
        found = list(entries.filter(seq__gt=newer_than).order_by("seq")[: PAGE + 1])
        rows, more = found[:PAGE][::-1], len(found) > PAGE
        return _page(user, rows, newer=more, older=bool(rows))
    if older_than is not None:
        entries = entries.filter(seq__lt=older_than)
    found = list(entries[: PAGE + 1])
    return _page(user, found[:PAGE], newer=older_than is not None, older=len(found) > PAGE)


def _page(user: User, rows: list[Entry], *, newer: bool, older: bool) -> Page:
    causes = causes_of(user, rows)
    return Page(
        [line_of(row, causes.get((row.reference_kind, row.reference_id or _NOTHING))) for row in rows],
        newer_than=rows[0].seq if rows and newer else None,
        older_than=rows[-1].seq if rows and older else None,
    )


def line_of(entry: Entry, cause: Cause | None = None) -> Line:
    """Return `entry` as a line for a reader, with what caused it if they may know."""
    kind = EntryKind(entry.kind)
    set_aside = -entry.held_change if kind == EntryKind.SETTLE else 0
    return Line(
        at=entry.created_at,
        text=entry.description or str(kind.label),
        amount=-entry.held_change if kind in _MOVED else entry.amount,
        balance=entry.balance_after,
        held=kind in _MOVED,
        word=_MOVED.get(kind, ""),
        note=cause.label if cause else "",
        href=cause.url if cause else "",
        set_aside=set_aside,
        back=set_aside + entry.amount if set_aside else 0,
    )
