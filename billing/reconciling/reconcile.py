"""Compares the studio with Stripe, repairs what differs, and writes down what that was."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from billing.models import Reconciliation
from billing.reconciling import differing, missed
from billing.reconciling.noting import told
from billing.webhooks import attention
from config.common.clock import now

logger = logging.getLogger(__name__)

OVERLAP = timedelta(hours=1)
"""So far before the last comparison events are asked for: some are listed later than they happened."""

AT_STRIPE = timedelta(days=30)
"""How long Stripe keeps events."""

LOOK_BACK = timedelta(days=40)
"""How far back payments are compared: more than a month, so that each is looked at again and again."""

LOST = timedelta(hours=1)
"""After so long a comparison counts as lost with its worker: each ends before (billing/tasks.py)."""

KEPT = timedelta(days=90)
"""How long comparisons that found nothing are kept."""


def compare_events() -> Reconciliation | None:
    """Fetch and apply the events that never arrived here, and try once more what was given up.

    None where another comparison of events runs. Raises nothing: what went wrong stands in what is returned.
    """
    return _run(Reconciliation.Kind.EVENTS, since=_events_since(), work=missed.compare)


def compare_objects() -> Reconciliation | None:
    """Compare subscriptions, payments, what went back of them, and requests whose outcome is unknown.

    None where another such comparison runs. Raises nothing: what went wrong stands in what is returned.
    """
    return _run(Reconciliation.Kind.OBJECTS, since=now() - LOOK_BACK, work=differing.compare)


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
        run.state, run.error = run.State.FAILED, told(error)
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


def _tell(run: Reconciliation) -> None:
    """Have operators know of what was found.

    What cannot be put right is found again every time: where there is nothing else it is told once a day, and
    so is a comparison that could not be made.
    """
    found = run.differences.count()
    left = run.differences.filter(is_repaired=False).count()
    day = f"{run.started_at:%Y-%m-%d}"
    if found:
        news = run.pk if left < found else f"left:{run.kind}:{day}"
        rest = f"{left} could not be put right." if left else "All of it was put right."
        attention.ask_for(
            cause=f"reconciliation:{news}",
            title="The studio differed from Stripe",
            body=f"{found} of {run.compared} {run.kind} stood otherwise here. {rest}",
            subject=run,
        )
    if run.state == run.State.FAILED:
        attention.ask_for(
            cause=f"reconciliation:{run.kind}:{day}",
            title="The studio could not be compared with Stripe",
            body=f"Comparing {run.kind} failed. It is tried again by the clock; the page shows why.",
            subject=run,
        )
