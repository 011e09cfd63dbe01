"""Who works on a turn: leases and attempts, kept by the database and its clock."""

import uuid
from dataclasses import dataclass

from django.db import connection

from orchestration.runtime.timing import LEASE_SECONDS
from orchestration.workflow.terms import Wish


class LostLease(Exception):  # a statement about the worker
    """Another attempt has the turn, or it is over: write nothing more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a turn until the lease runs out; `attempt` fences everything written.

    `crashes` counts the workers lost in a row before this one without a further word written.
    """

    turn_id: uuid.UUID
    attempt: int
    crashes: int

    @property
    def is_takeover(self) -> bool:
        """Whether an earlier worker was lost."""
        return self.crashes > 0


_CLAIM = """
UPDATE orchestration_turn SET
    status = 'running',
    attempt = attempt + 1,
    crashes = CASE WHEN status = 'queued' THEN 0
                   WHEN length(partial) > resumed_from THEN 1
                   ELSE crashes + 1 END,
    resumed_from = length(partial),
    lease_until = clock_timestamp() + make_interval(secs => %s),
    worker = %s,
    started_at = coalesce(started_at, clock_timestamp())
WHERE id = %s AND (status = 'queued' OR (status = 'running' AND lease_until < clock_timestamp()))
RETURNING attempt, crashes
"""

_RENEW = """
UPDATE orchestration_turn AS turn SET
    lease_until = clock_timestamp() + make_interval(secs => %s),
    partial = coalesce(%s, turn.partial)
FROM orchestration_session AS session
WHERE turn.id = %s AND turn.attempt = %s AND turn.status = 'running' AND session.id = turn.session_id
RETURNING session.wish
"""

_LET_GO = """
UPDATE orchestration_turn SET
    lease_until = clock_timestamp(),
    partial = %s,
    crashes = greatest(0, crashes - 1)
WHERE id = %s AND attempt = %s AND status = 'running'
"""


def claim(*, turn_id: uuid.UUID, worker: str) -> Claim | None:
    """Take a turn that waits, or whose lease has run out; None when it is someone's, or over."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE_SECONDS, worker, turn_id])
        row = cursor.fetchone()
    return Claim(turn_id, attempt=row[0], crashes=row[1]) if row else None


def renew(held: Claim, *, partial: str | None) -> Wish:
    """Prolong the lease, save the text so far (None: unchanged) and return the owner's wish.

    Raises LostLease when the turn was taken over.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, [LEASE_SECONDS, partial, held.turn_id, held.attempt])
        row = cursor.fetchone()
    if row is None:
        raise LostLease
    return Wish(row[0])


def let_go(held: Claim, *, partial: str) -> None:
    """End the lease now, the text so far saved: another worker need not wait for it to run out.

    Whoever says so was told to end: the next claim does not count one more worker lost in a row.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LET_GO, [partial, held.turn_id, held.attempt])
