"""Stripe's events: each stored once, applied at least once, given up only with an operator's knowledge."""

import logging
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from kombu.exceptions import OperationalError

from billing import attention, mirror
from billing.kinds import kind_of
from billing.models import WebhookEvent
from config.common import valkey
from config.common.clock import now
from config.common.errors import Invalid

logger = logging.getLogger(__name__)

BACK_OFF = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=3),
    timedelta(minutes=5),
)
"""How long an event waits after its first, second … failure; after one more it is given up."""

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


def receive(told: Mapping[str, Any]) -> None:
    """Keep a genuine event, once, and have a worker look at it after the commit.

    One that was given up and is delivered again, as an operator has Stripe do, is tried again. Raises Invalid
    for what is no event.
    """
    event = read(told)
    WebhookEvent.objects.bulk_create([event], ignore_conflicts=True)
    _retry(WebhookEvent.objects.filter(pk=event.pk, state=WebhookEvent.State.FAILED))
    if event.state == WebhookEvent.State.WAITING:
        transaction.on_commit(ring, robust=True)


def read(told: Mapping[str, Any]) -> WebhookEvent:
    """Return the row for an event, unsaved: waiting where its object is followed, else ignored.

    Events of the other mode (test, live) are ignored. Raises Invalid for what is no event.
    """
    try:
        identity, kind = str(told["id"]), str(told["type"])
        created = datetime.fromtimestamp(told["created"], UTC)
        livemode, subject = bool(told["livemode"]), str(told["data"]["object"].get("id") or "")
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError) as error:
        raise Invalid("No event") from error
    if told.get("object") != "event" or len(identity) > 255 or len(kind) > 100 or len(subject) > 255:
        raise Invalid("No event")
    is_ours = kind_of(subject) is not None and livemode == settings.STRIPE_LIVE_MODE
    return WebhookEvent(
        id=identity,
        type=kind,
        object_id=subject,
        created=created,
        livemode=livemode,
        body=told,
        state=WebhookEvent.State.WAITING if is_ours else WebhookEvent.State.IGNORED,
        next_attempt_at=now() if is_ours else None,
        received_at=now(),
    )


def ring() -> None:
    """Have a worker apply what is due. Where the broker does not answer, the clock does within a minute."""
    from billing.tasks import apply_events  # tasks stand above this and import it

    try:
        with valkey.no_long_wait():
            apply_events.apply_async(retry=False, ignore_result=True)
    except (OperationalError, OSError, redis.RedisError):
        logger.warning("The broker does not answer: Stripe's events wait for the next look at them")


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
    followed = chosen.exclude(state=WebhookEvent.State.IGNORED).filter(is_at_work=False)
    return _retry(followed)


def prune() -> int:
    """Forget the events that are old and done with; return how many."""
    done = [WebhookEvent.State.APPLIED, WebhookEvent.State.IGNORED]
    return WebhookEvent.objects.filter(received_at__lt=now() - KEPT, state__in=done).delete()[0]


def _retry(events: QuerySet[WebhookEvent]) -> int:
    return events.update(state=WebhookEvent.State.WAITING, attempts=0, next_attempt_at=now(), applied_at=None)


def _claim(event_id: str | None = None) -> WebhookEvent | None:
    """Take up the event, or the one that is due longest while there is room; None where there is nothing."""
    moment = now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": moment, "lost": moment + LEASE, "id": event_id, "most": AT_ONCE})
        row = cursor.fetchone()
    return WebhookEvent.objects.get(pk=row[0]) if row else None


def _attempt(event: WebhookEvent) -> bool:
    try:
        mirror.refresh(event.object_id)
    except Exception as error:  # whatever it is, the event is kept and the next one has its turn
        _put_off(event, error)
        return False
    _mine(event).update(
        state=WebhookEvent.State.APPLIED, is_at_work=False, next_attempt_at=None, applied_at=now(), error=""
    )
    return True


def _put_off(event: WebhookEvent, error: Exception) -> None:
    """Say when it is tried again, or give it up where it has failed often enough."""
    logger.warning("Event %s failed at attempt %s", event.pk, event.attempts, exc_info=error)
    told = "".join(traceback.format_exception(error))
    if event.attempts <= len(BACK_OFF):
        later = now() + BACK_OFF[event.attempts - 1]
        _mine(event).update(is_at_work=False, next_attempt_at=later, error=told)
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
