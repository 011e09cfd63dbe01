"""What a session moved in its owner's ledger."""

from collections.abc import Collection, Iterable
from uuid import UUID

from accounts.models import User
from credits.ledger import key_id
from credits.models import Entry, EntryKind, Hold
from credits.payments import Resolved, resolutions
from orchestration.models import Session, Turn
from orchestration.runtime.charging import keys_of


def entries_of(session: Session) -> list[Entry]:
    """Return the journal's lines about the session's turns, oldest first, with their holds.

    Found by their keys, which the journal indexes for each wallet; however long it is, this stays fast.
    """
    return entries_about(session.owner, session.turns.only("session", "settled_holds").order_by())


def entries_about(owner: User, turns: Iterable[Turn]) -> list[Entry]:
    """Return the journal's lines about `turns` of `owner`, oldest first, with their holds: one query."""
    keys = [key_id(key) for turn in turns for key in keys_of(turn)]
    lines = Entry.objects.of(owner).filter(key__in=keys)
    return list(lines.select_related("hold").order_by("seq"))


def holds_about(owner: User, turns: Collection[Turn]) -> dict[UUID, list[Resolved]]:
    """Return, by turn, what became of the holds that were to pay for it, in order: two queries."""
    lines = entries_about(owner, turns)
    holds = [line.hold for line in lines if line.kind == EntryKind.HOLD and line.hold is not None]
    resolved = resolutions(holds)
    found: dict[UUID, list[Resolved]] = {turn.pk: [] for turn in turns}
    for hold in holds:
        if hold.reference_id is not None:
            found[hold.reference_id].append(resolved[hold.pk])
    return found


def open_holds_of(session: Session) -> list[Hold]:
    """Return the holds of the session's turns that are neither settled nor released."""
    held = [line.hold for line in entries_of(session) if line.kind == EntryKind.HOLD and line.hold]
    return [hold for hold in held if hold.is_open]
