"""Takes in what Stripe tells: each event is kept once, and a worker rung for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from billing.models import WebhookEvent
from billing.stripe.kinds import kind_of
from billing.webhooks import doorbell, events
from config.common.clock import now
from config.common.errors import Invalid


def receive(told: Mapping[str, Any]) -> None:
    """Keep a genuine event, once, and have a worker look at it after the commit.

    One that was given up and is delivered again, as an operator has Stripe do, is tried again. Raises Invalid
    for what is no event.
    """
    event = read(told)
    WebhookEvent.objects.bulk_create([event], ignore_conflicts=True)
    events.retry(WebhookEvent.objects.filter(pk=event.pk, state=WebhookEvent.State.FAILED))
    if event.state == WebhookEvent.State.WAITING:
        doorbell.ring()


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
