"""Where a session stands now: what a client starts from, exact to the event."""

import uuid
from dataclasses import dataclass
from typing import Any

from config.common.valkey import connection
from orchestration.models import Session
from orchestration.selectors import session_view
from orchestration.streaming import keys, scripts


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after event `number`, and whether the session has ended."""

    number: int
    data: dict[str, Any]
    ended: bool


def take(session_id: uuid.UUID) -> Snapshot:
    """Return the session as of the last event told.

    The stream is read first, in one moment, then the database, which is never behind it: a text at work is
    the stream's, so that the tokens that follow continue it; all else may be newer, never older. Raises
    Session.DoesNotExist, RedisError.
    """
    turns = Session.objects.get(pk=session_id).turns.standing().values_list("pk", flat=True)
    names = [keys.fence(session_id), *(keys.text(session_id, turn) for turn in turns)]
    last, *texts = connection().eval(scripts.LOOK, len(names), *names)
    written = {str(turn): text.decode() for turn, text in zip(turns, texts, strict=True) if text is not None}
    session = Session.objects.select_related("document").get(pk=session_id)
    return Snapshot(
        number=keys.number_of(last.decode()),
        data=session_view(session, written=written),
        ended=session.is_ended,
    )
