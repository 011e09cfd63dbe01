"""Objects that stand otherwise here than at Stripe: brought in once more."""

from celery.exceptions import SoftTimeLimitExceeded

from billing.models import Reconciliation, StripeRequest, WebhookEvent
from billing.reconciling.comparisons import COMPARISONS, NOTHING, Comparison
from billing.reconciling.noting import ON_ITS_WAY, note, pages, told
from billing.stripe import gateway, mirror
from billing.stripe.kinds import kind_of
from billing.stripe.shapes import Shape
from config.common.clock import now


def compare(run: Reconciliation) -> int:
    """Look at all that Stripe lists and all that is under way here; return how many that were.

    Objects are looked up here a page at a time. Stripe is asked for one by itself only where it differs.
    """
    return sum(_compare(run, comparison) for comparison in COMPARISONS) + _settle_requests(run)


def _compare(run: Reconciliation, comparison: Comparison) -> int:
    """Look at every object that Stripe lists, and at those under way here that it does not list."""
    seen: set[str] = set()
    for page in pages(comparison.listed(run.since)):
        here = comparison.ours([shape["id"] for shape in page])
        for shape in page:
            seen.add(shape["id"])
            theirs, ours = _words(comparison, shape), here.get(shape["id"], NOTHING)
            if theirs not in (None, ours) and comparison.is_ours(shape):
                _repair(run, comparison, shape["id"], ours=ours, theirs=theirs)
    for object_id in set(comparison.alive()) - seen:
        seen.add(object_id)
        _repair(run, comparison, object_id, ours=_here(comparison, object_id), theirs=None)
    return len(seen)


def _words(comparison: Comparison, shape: Shape) -> str | None:
    """Return how an object stands at Stripe: one that nobody foresaw is otherwise than anything here."""
    try:
        return comparison.theirs(shape)
    except (KeyError, TypeError, ValueError):
        return "cannot be read"


def _here(comparison: Comparison, object_id: str) -> str:
    return comparison.ours([object_id]).get(object_id, NOTHING)


def _repair(
    run: Reconciliation, comparison: Comparison, object_id: str, *, ours: str, theirs: str | None
) -> None:
    """Bring the object in once more. Where `theirs` is unknown, whatever that changes was different."""
    if _is_on_its_way(object_id):
        return
    error = ""
    try:
        mirror.refresh(object_id)
    except SoftTimeLimitExceeded:
        raise
    except Exception as raised:  # one that cannot be repaired must not keep the others from it
        error = told(raised)
    after = _here(comparison, object_id)
    if theirs is None and after == ours and not error:
        return
    note(
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
        except SoftTimeLimitExceeded:
            raise
        except Exception as raised:  # as above
            error = told(raised)
        settled = request.state != request.State.PENDING
        note(
            run,
            what="request",
            object_id=str(request.pk),
            ours=f"{request.operation}, outcome unknown",
            theirs=f"{request.state} {request.result_id}".strip() if settled else "unknown",
            is_repaired=settled and not error,
            error=error,
        )
    return compared
