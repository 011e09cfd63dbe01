"""What a session moved in its owner's ledger."""

from credits.ledger import key_id
from credits.models import Entry, EntryKind, Hold
from orchestration.models import Session
from orchestration.runtime.charging import keys_of


def entries_of(session: Session) -> list[Entry]:
    """Return the journal's lines about the session's turns, oldest first, with their holds.

    Found by their keys, which the journal indexes for each wallet; however long it is, this stays fast.
    """
    keys = [
        key_id(key)
        for turn in session.turns.only("session", "settled_holds").order_by()
        for key in keys_of(turn)
    ]
    lines = Entry.objects.of(session.owner).filter(key__in=keys)
    return list(lines.select_related("hold").order_by("seq"))


def open_holds_of(session: Session) -> list[Hold]:
    """Return the holds of the session's turns that are neither settled nor released."""
    held = [line.hold for line in entries_of(session) if line.kind == EntryKind.HOLD and line.hold]
    return [hold for hold in held if hold.is_open]
