"""Finds the plan that would allow what another refuses."""

from collections.abc import Callable

from billing.limits import Limits
from billing.models import PlanTerms, Price
from billing.refusals import Offer


def month_cents(terms: PlanTerms) -> int | None:
    """Return the monthly price of `terms` in US cents: 0 when free, None on request."""
    if terms.plan.is_free:
        return 0
    return next((p.amount_cents for p in terms.prices.all() if p.interval == Price.Interval.MONTH), None)


def cheapest(
    *, beside: str, would_do: Callable[[Limits], bool], least_rank: int = 0
) -> tuple[Offer, Limits] | None:
    """Return the cheapest offered plan other than `beside` whose limits would do, with those limits.

    Plans on request come after every plan with a price; of equally dear ones the lesser plan comes first.
    """
    fitting = [
        (terms, limits)
        for terms in PlanTerms.objects.offered().exclude(plan__code=beside).prefetch_related("prices")
        if terms.plan.rank >= least_rank and would_do(limits := terms.limits)
    ]
    if not fitting:
        return None
    terms, limits = min(fitting, key=lambda fit: _expense(fit[0]))
    return Offer(code=terms.plan.code, name=terms.name, month_cents=month_cents(terms)), limits


def _expense(terms: PlanTerms) -> tuple[bool, int, int]:
    cents = month_cents(terms)
    return cents is None, cents or 0, terms.plan.rank
