"""Applies Stripe's events: each at least once, given up only with an operator's knowledge."""

import logging
import time
import traceback
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts import audit
from accounts.models import User
from billing.models import StripeTicket, WebhookEvent
from billing.ringing import ring_after_commit
from billing.stripe import mirror
from billing.stripe.shapes import storable
from billing.webhooks import attention
from config.common.clock import now
from config.common.errors import Conflict, Unavailable

logger = logging.getLogger(__name__)


class WorkersLost(Exception):
    """No attempt at an event came to an end: each of its workers was killed, or took too long."""


BACK_OFF = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=3),
    timedelta(minutes=5),
)
"""How long an event waits after its first, second … failure; after one more it is given up.

Also one whose workers are lost each time: it would take a place at work for ever."""

AWAY = timedelta(days=1)
"""How long an event is not given up because Stripe does not answer: that is no fault of its own."""

LEASE = timedelta(minutes=3)
"""How long a worker has for one event before another takes it; Stripe may be asked some times in it."""

AT_ONCE = 2
"""How many events are at work at a time, in all: a slow Stripe must not keep every worker from its runs."""

SPELL = 50.0
"""Seconds that a worker goes on with what is due before others in the queue have their turn."""

KEPT = timedelta(days=30)
"""How long events are kept; what was never applied stays."""

_CLAIM = """
UPDATE billing_webhookevent
SET attempts = attempts + 1, is_at_work = TRUE, next_attempt_at = %(lost)s
WHERE id = (
    SELECT id FROM billing_webhookevent
    WHERE state = 'waiting' AND next_attempt_at <= %(now)s AND (id = %(id)s OR %(id)s IS NULL)
    ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
) AND (%(id)s IS NOT NULL OR %(most)s > (
    SELECT count(*) FROM billing_webhookevent
    WHERE state = 'waiting' AND is_at_work AND next_attempt_at > %(now)s
))
RETURNING id
"""


def apply(event_id: str) -> bool:
    """Bring the studio to what a waiting event tells of, now; False where that failed or is not to be done.

    Outside any transaction. What fails is wholly undone, its traceback kept, and tried again later; after the
    last attempt the operators are told.
    """
    event = _claim(event_id)
    return event is not None and _attempt(event)


def apply_due(*, seconds: float = SPELL) -> int:
    """Apply the events that are due, one after the other, for so long; return how many were applied."""
    began, applied = time.monotonic(), 0
    while time.monotonic() - began < seconds and (event := _claim()) is not None:
        applied += _attempt(event)
    return applied


def replay(chosen: QuerySet[WebhookEvent]) -> int:
    """Have events applied once more, also those that were; return how many. Whoever is at one goes on."""
    return retry(chosen.exclude(state=WebhookEvent.State.IGNORED).filter(is_at_work=False))


def retry(chosen: QuerySet[WebhookEvent]) -> int:
    """Have events wait for their first attempt, now; return how many."""
    return chosen.update(state=WebhookEvent.State.WAITING, attempts=0, next_attempt_at=now(), applied_at=None)


@transaction.atomic
def replay_one(*, event: WebhookEvent, actor: User, reason: str) -> None:
    """Have one event applied once more in an operator's name. Raises Conflict where it cannot be now."""
    before = event.state
    if not replay(WebhookEvent.objects.filter(pk=event.pk)):
        raise Conflict("The event means nothing here, or a worker is at it.")
    audit.write(act="event.replayed", subject=event, reason=reason, actor=actor, before={"state": before})
    ring_after_commit("apply_events")


def prune() -> int:
    """Forget the events that are old and done with, and tickets as old; return how many events.

    No look at Stripe takes so long that an old ticket could still tell an older one.
    """
    done = [WebhookEvent.State.APPLIED, WebhookEvent.State.IGNORED]
    StripeTicket.objects.filter(applied_at__lt=now() - KEPT).delete()
    return WebhookEvent.objects.filter(received_at__lt=now() - KEPT, state__in=done).delete()[0]


def _claim(event_id: str | None = None) -> WebhookEvent | None:
    """Take up the event, or the one that is due longest while there is room; None where there is nothing."""
    moment = now()
    with transaction.atomic(), connection.cursor() as cursor:
        # One after the other: whoever counts what is at work sees what the one before took up.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.webhooks.events'))")
        cursor.execute(_CLAIM, {"now": moment, "lost": moment + LEASE, "id": event_id, "most": AT_ONCE})
        row = cursor.fetchone()
    return WebhookEvent.objects.get(pk=row[0]) if row else None


def _attempt(event: WebhookEvent) -> bool:
    try:
        _refuse_deadly(event)
        mirror.refresh(event.object_id)
    except Exception as error:  # whatever it is, the event is kept and the next one has its turn
        _put_off(event, error)
        return False
    _mine(event).update(
        state=WebhookEvent.State.APPLIED, is_at_work=False, next_attempt_at=None, applied_at=now(), error=""
    )
    return True


def _refuse_deadly(event: WebhookEvent) -> None:
    """Raise WorkersLost for an event whose last attempt has ended its worker, or outlasted its lease."""
    if event.attempts > len(BACK_OFF) + 1:
        raise WorkersLost(f"Of {event.attempts - 1} attempts the last did not come to an end.")


def _put_off(event: WebhookEvent, error: Exception) -> None:
    """Say when it is tried again, or give it up where it has failed often enough."""
    logger.warning("Event %s failed at attempt %s", event.pk, event.attempts, exc_info=error)
    told = storable("".join(traceback.format_exception(error)))
    attempts = event.attempts
    if isinstance(error, Unavailable) and event.received_at > now() - AWAY:
        attempts = min(attempts, len(BACK_OFF))
    if attempts <= len(BACK_OFF):
        later = now() + BACK_OFF[attempts - 1]
        _mine(event).update(attempts=attempts, is_at_work=False, next_attempt_at=later, error=told)
        return
    with transaction.atomic():
        _mine(event).update(
            state=WebhookEvent.State.FAILED, is_at_work=False, next_attempt_at=None, error=told
        )
        attention.ask_for(
            cause=f"event:{event.pk}",
            title="An event of Stripe's could not be applied",
            body=f"{event.type} about {event.object_id} failed {event.attempts} times. "
            "Its page shows how, and can have it tried again.",
            subject=event,
        )


def _mine(event: WebhookEvent) -> QuerySet[WebhookEvent]:
    """Return the row as long as this attempt is its last."""
    return WebhookEvent.objects.waiting().filter(pk=event.pk, attempts=event.attempts, is_at_work=True)
