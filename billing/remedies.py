"""What a larger plan does for who runs out of credits."""

from accounts.models import User
from billing.amounts import count, dollars
from billing.models import PlanTerms, Price
from billing.subscribing.offering import choice_url
from credits.remedies import Remedy


def larger_plan(user: User, allowance: int) -> Remedy | None:
    """Return the cheapest plan on sale that brings more than `allowance` credits a month, in one query."""
    price = (
        Price.objects.filter(
            interval=Price.Interval.MONTH,
            terms__in=PlanTerms.objects.offered().filter(credits_per_month__gt=allowance),
        )
        .select_related("terms__plan")
        .order_by("amount_cents", "terms__plan__rank")
        .first()
    )
    if price is None:
        return None
    terms = price.terms
    return Remedy(
        text=f"{terms.name} brings {count(terms.credits_per_month or 0)} credits a month, "
        f"for {dollars(price.amount_cents)}.",
        action=f"Get {terms.name}",
        url=choice_url(plan=terms.plan.code),
    )
