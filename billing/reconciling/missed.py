"""Events that never arrived here: kept and applied as if they had."""

import time
from collections.abc import Collection

from django.db.models import QuerySet

from billing.models import Reconciliation, WebhookEvent
from billing.reconciling.noting import ON_ITS_WAY, note, pages
from billing.stripe import gateway
from billing.stripe.shapes import Shape
from billing.webhooks import events, inbox
from config.common.errors import Invalid

SPELL = 20 * 60.0
"""Seconds for which what never arrived is applied; the rest is left to those who apply what arrives."""


def compare(run: Reconciliation) -> int:
    """Keep what never arrived, page by page, then apply it and what was given up, for as long as there is.

    What is not reached then waits in the inbox, as if it had just been delivered.
    """
    compared, kept = 0, set[str]()
    for page in pages(gateway.list_events(since=run.since)):
        compared += len(page)
        kept |= _kept_of(run, page)
    failed = _in_order(WebhookEvent.objects.filter(state=WebhookEvent.State.FAILED))
    events.retry(WebhookEvent.objects.filter(pk__in=failed))
    missing = _in_order(WebhookEvent.objects.filter(pk__in=kept))
    until = time.monotonic() + SPELL
    for event_id in (*missing, *failed):
        if time.monotonic() >= until:
            break
        events.apply(event_id)
    old = {"created__lt": run.started_at - ON_ITS_WAY}
    _note(run, WebhookEvent.objects.filter(pk__in=missing, **old), ours="never arrived")
    _note(run, WebhookEvent.objects.filter(pk__in=failed), ours="given up")
    return compared


def _kept_of(run: Reconciliation, page: Collection[Shape]) -> set[str]:
    """Keep those of a page's events that are not here yet, and return their ids.

    One that cannot be read is written down: the others are not to go without because of it.
    """
    read = []
    for told in page:
        try:
            read.append(inbox.read(told))
        except Invalid as error:
            note(
                run,
                what="event",
                object_id=str(told.get("id"))[:255],
                ours="cannot be read",
                theirs=str(told.get("type")),
                is_repaired=False,
                error=error.message,
            )
    ours = [event for event in read if event.state == WebhookEvent.State.WAITING]
    here = WebhookEvent.objects.exclude(state=WebhookEvent.State.IGNORED)
    arrived = set(here.filter(pk__in=[event.pk for event in ours]).values_list("pk", flat=True))
    missing = [event for event in ours if event.pk not in arrived]
    inbox.keep(missing)
    return {event.pk for event in missing}


def _in_order(chosen: QuerySet[WebhookEvent]) -> list[str]:
    """Return the ids of events, the oldest first, as they would have come."""
    return list(chosen.order_by("created", "pk").values_list("pk", flat=True))


def _note(run: Reconciliation, chosen: QuerySet[WebhookEvent], *, ours: str) -> None:
    for event in chosen.defer("body").order_by("created", "pk").iterator():
        note(
            run,
            what="event",
            object_id=event.pk,
            ours=ours,
            theirs=f"{event.type} about {event.object_id}",
            is_repaired=event.state == event.State.APPLIED,
            error=event.error if event.attempts else "It waits for its turn.",
        )
