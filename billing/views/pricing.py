"""The prices: every plan and product on sale, each with its one button."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.comparison import compare, plans_on_sale
from billing.models import ModelPrice, Product
from billing.pricing_table import current_economics
from billing.subscribing import trials
from billing.subscribing.membership import membership_of
from billing.subscribing.offering import has_years, plan_offers, product_offers
from billing.views.requests import interval_of, reader


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """Every plan on sale, side by side, by the month or the year: `?interval=`, else as the reader pays."""
    plans = plans_on_sale()
    is_in = request.user.is_authenticated
    member = membership_of(reader(request)) if plans and is_in else None
    interval = interval_of(request, member)
    has_trials = any(plan.trial_days for plan in plans)
    offers = plan_offers(
        plans,
        interval=interval,
        reader=member,
        wanted=request.GET.get("plan", ""),
        may_try=not (is_in and has_trials) or trials.may_have_one(reader(request)),
    )
    context = {
        "interval": interval,
        "has_years": has_years(plans),
        "most_months_free": max((plan.months_free for plan in plans), default=0),
        "offers": offers,
        "groups": compare(plans, ModelPrice.objects.all()),
        "products": product_offers(Product.objects.filter(is_offered=True), is_in=is_in),
        "economics": current_economics(),
        "mine": member.mine if member else None,
    }
    return render(request, "billing/pricing.html", context)
