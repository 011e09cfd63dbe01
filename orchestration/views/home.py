"""The landing page: a recorded session above the fold, and the prices."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.models import PlanTerms
from billing.offers import month_cents
from orchestration.recorded import example


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Show what Atelier is."""
    plans = _plans()
    free = next((plan["credits"] for plan in plans if plan["price_usd_cents"] == 0), None)
    context = {"example": example(), "plans": plans, "free_credits": free}
    return render(request, "home.html", context)


def _plans() -> list[dict[str, Any]]:
    offered = PlanTerms.objects.offered().prefetch_related("prices")
    return [
        {
            "code": terms.plan.code,
            "name": terms.name,
            "price_usd_cents": month_cents(terms),
            "credits": terms.credits_per_month,
        }
        for terms in offered
    ]
