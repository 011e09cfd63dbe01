"""Compares the studio with Stripe, repairs what differs, and writes down what that was."""

import logging
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from billing.models import Difference, Reconciliation, StripeRequest, WebhookEvent
from billing.reconciling.comparisons import COMPARISONS, Comparison
from billing.stripe import gateway
from billing.stripe.kinds import kind_of
from billing.webhooks import attention, events, inbox, mirror
from config.common.clock import now

logger = logging.getLogger(__name__)

OVERLAP = timedelta(hours=1)
"""So far before the last comparison events are asked for: some are listed later than they happened."""

AT_STRIPE = timedelta(days=30)
"""How long Stripe keeps events."""

LOOK_BACK = timedelta(days=40)
"""How far back payments are compared: more than a month, so that each is looked at again and again."""

ON_ITS_WAY = timedelta(minutes=5)
"""What happened or was told so lately is no difference yet: its event is being delivered, or applied."""

LOST = timedelta(hours=3)
"""After so long a comparison counts as lost with its worker."""

KEPT = timedelta(days=90)
"""How long comparisons that found nothing are kept."""


def compare_events() -> Reconciliation | None:
    """Fetch and apply the events that never arrived here, and try once more what was given up.

    None where another comparison of events runs. Raises nothing: what went wrong stands in what is returned.
    """
    return _run(Reconciliation.Kind.EVENTS, since=_events_since(), work=_events)


def compare_objects() -> Reconciliation | None:
    """Compare subscriptions, payments, what went back of them, and requests whose outcome is unknown.

    None where another such comparison runs. Raises nothing: what went wrong stands in what is returned.
    """
    return _run(Reconciliation.Kind.OBJECTS, since=now() - LOOK_BACK, work=_objects)


def prune() -> int:
    """Forget old comparisons that found nothing; return how many."""
    return Reconciliation.objects.filter(started_at__lt=now() - KEPT, differences=None).delete()[0]


def _run(
    kind: Reconciliation.Kind, *, since: datetime, work: Callable[[Reconciliation], int]
) -> Reconciliation | None:
    _give_up_lost(kind)
    try:
        with transaction.atomic():
            run = Reconciliation.objects.create(kind=kind, since=since, started_at=now())
    except IntegrityError:
        return None
    try:
        run.compared = work(run)
    except Exception as error:
        logger.exception("Comparing %s with Stripe failed", kind)
        run.state, run.error = run.State.FAILED, "".join(traceback.format_exception(error))
    else:
        run.state = run.State.DONE
    run.finished_at = now()
    with transaction.atomic():
        run.save()
        _tell(run)
    return run


def _give_up_lost(kind: Reconciliation.Kind) -> None:
    lost = Reconciliation.objects.filter(
        kind=kind, state=Reconciliation.State.RUNNING, started_at__lt=now() - LOST
    )
    lost.update(state=Reconciliation.State.FAILED, finished_at=now(), error="Its worker was lost.")


def _events_since() -> datetime:
    done = Reconciliation.objects.filter(
        kind=Reconciliation.Kind.EVENTS, state=Reconciliation.State.DONE
    ).order_by("-started_at")
    last = done.values_list("started_at", flat=True).first()
    earliest = now() - AT_STRIPE
    return max(earliest, last - OVERLAP) if last else earliest


def _events(run: Reconciliation) -> int:
    compared, missing = 0, []
    for told in gateway.list_events(since=run.since):
        compared += 1
        event = inbox.read(told)
        if event.state == event.State.WAITING and not WebhookEvent.objects.filter(pk=event.pk).exists():
            missing.append(event)
    # The oldest first, as they would have come; those that arrived meanwhile stay as they are.
    missing.sort(key=lambda event: (event.created, event.pk))
    WebhookEvent.objects.bulk_create(missing, ignore_conflicts=True)
    failed = list(WebhookEvent.objects.filter(state=WebhookEvent.State.FAILED).order_by("created"))
    events.retry(WebhookEvent.objects.filter(pk__in=[event.pk for event in failed]))
    for event in (*missing, *failed):
        events.apply(event.pk)
    fresh = run.started_at - ON_ITS_WAY
    for event in (late for late in missing if late.created < fresh):
        _note_event(run, event, ours="never arrived")
    for event in failed:
        _note_event(run, event, ours="given up")
    return compared


def _note_event(run: Reconciliation, event: WebhookEvent, *, ours: str) -> None:
    event.refresh_from_db()
    _note(
        run,
        what="event",
        object_id=event.pk,
        ours=ours,
        theirs=f"{event.type} about {event.object_id}",
        is_repaired=event.state == event.State.APPLIED,
        error=event.error,
    )


def _objects(run: Reconciliation) -> int:
    return sum(_compare(run, comparison) for comparison in COMPARISONS) + _settle_requests(run)


def _compare(run: Reconciliation, comparison: Comparison) -> int:
    """Look at every object that Stripe lists, and at those under way here that it does not list."""
    seen: set[str] = set()
    for shape in comparison.listed(run.since):
        seen.add(shape["id"])
        theirs, ours = comparison.theirs(shape), comparison.ours(shape["id"])
        if theirs is not None and theirs != ours:
            _repair(run, comparison, shape["id"], ours=ours, theirs=theirs)
    for object_id in set(comparison.alive()) - seen:
        seen.add(object_id)
        _repair(run, comparison, object_id, ours=comparison.ours(object_id), theirs=None)
    return len(seen)


def _repair(
    run: Reconciliation, comparison: Comparison, object_id: str, *, ours: str, theirs: str | None
) -> None:
    """Bring the object in once more. Where `theirs` is unknown, whatever that changes was different."""
    if _is_on_its_way(object_id):
        return
    error = ""
    try:
        mirror.refresh(object_id)
    except Exception as raised:  # one that cannot be repaired must not keep the others from it
        error = "".join(traceback.format_exception(raised))
    after = comparison.ours(object_id)
    if theirs is None and after == ours and not error:
        return
    _note(
        run,
        what=comparison.what,
        object_id=object_id,
        ours=ours,
        theirs=theirs or after,
        is_repaired=not error and after != ours,
        error=error,
    )


def _is_on_its_way(object_id: str) -> bool:
    """Whether Stripe has just told of it, or what it told still waits: the event does it."""
    told = WebhookEvent.objects.filter(object_id=object_id)
    return told.filter(received_at__gte=now() - ON_ITS_WAY).exists() or told.waiting().exists()


def _settle_requests(run: Reconciliation) -> int:
    """Find out what became of requests that nobody will repeat any more."""
    compared = 0
    for request in StripeRequest.objects.unsettled(before=now() - gateway.KEY_LIFE):
        compared += 1
        error = ""
        try:
            gateway.settle(request)
            if kind_of(request.result_id):
                mirror.refresh(request.result_id)
        except Exception as raised:  # as above
            error = "".join(traceback.format_exception(raised))
        settled = request.state != request.State.PENDING
        _note(
            run,
            what="request",
            object_id=str(request.pk),
            ours=f"{request.operation}, outcome unknown",
            theirs=f"{request.state} {request.result_id}".strip() if settled else "unknown",
            is_repaired=settled and not error,
            error=error,
        )
    return compared


def _note(run: Reconciliation, *, ours: str, theirs: str, **fields: object) -> None:
    # Stripe may list a thing twice where it changes meanwhile.
    with suppress(IntegrityError), transaction.atomic():
        Difference.objects.create(reconciliation=run, ours=ours[:300], theirs=theirs[:300], **fields)


def _tell(run: Reconciliation) -> None:
    """Have operators know of what was found. A comparison that could not be made is told once a day."""
    found = run.differences.count()
    left = run.differences.filter(is_repaired=False).count()
    if found:
        rest = f"{left} could not be put right." if left else "All of it was put right."
        attention.ask_for(
            cause=f"reconciliation:{run.pk}",
            title="The studio differed from Stripe",
            body=f"{found} of {run.compared} {run.kind} stood otherwise here. {rest}",
            subject=run,
        )
    if run.state == run.State.FAILED:
        attention.ask_for(
            cause=f"reconciliation:{run.kind}:{run.started_at:%Y-%m-%d}",
            title="The studio could not be compared with Stripe",
            body=f"Comparing {run.kind} failed. It is tried again by the clock; the page shows why.",
            subject=run,
        )
