"""Takes in what Stripe tells: each event is kept once, and a worker rung for."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from billing.models import WebhookEvent
from billing.ringing import ring_after_commit
from billing.stripe.kinds import kind_of
from billing.stripe.shapes import storable
from billing.webhooks import events
from config.common.clock import now
from config.common.errors import Invalid


def receive(told: Mapping[str, Any]) -> None:
    """Keep a genuine event, once, and have a worker look at it after the commit.

    One that was given up and is delivered again, as an operator has Stripe do, is tried again. Raises Invalid
    for what is no event.
    """
    event = read(told)
    keep([event])
    if event.state == WebhookEvent.State.WAITING:
        ring_after_commit("apply_events")


def keep(read: Collection[WebhookEvent]) -> None:
    """Keep events, each once. One that was given up, or meant nothing until now, waits again.

    After a change of keys that means something which the other mode had told before.
    """
    WebhookEvent.objects.bulk_create(read, ignore_conflicts=True)
    waiting = [event.pk for event in read if event.state == WebhookEvent.State.WAITING]
    passed_over = [WebhookEvent.State.FAILED, WebhookEvent.State.IGNORED]
    events.retry(WebhookEvent.objects.filter(pk__in=waiting, state__in=passed_over))


def read(told: Mapping[str, Any]) -> WebhookEvent:
    """Return the row for an event, unsaved: waiting where its object is followed, else ignored.

    Events of the other mode (test, live) and of connected accounts, whose objects the studio's key cannot
    see, are ignored. Raises Invalid for what is no event.
    """
    told = storable(told)
    try:
        identity, kind = str(told["id"]), str(told["type"])
        created = datetime.fromtimestamp(told["created"], UTC)
        livemode, subject = bool(told["livemode"]), str(told["data"]["object"].get("id") or "")
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError) as error:
        raise Invalid("No event") from error
    if told.get("object") != "event" or len(identity) > 255 or len(kind) > 100 or len(subject) > 255:
        raise Invalid("No event")
    is_here = livemode == settings.STRIPE_LIVE_MODE and not told.get("account")
    is_ours = is_here and kind_of(subject) is not None
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
