"""The pages about plans: the prices, and one's own plan."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from billing import usage
from billing.comparison import compare, features_of, highlights, limit_figure, plans_on_sale
from billing.entitlements import entitlements_of
from billing.limits import FEATURES
from billing.models import ModelPrice, Product
from billing.pricing_table import current_economics


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """Every plan on sale, side by side; the reader's own is marked."""
    plans = plans_on_sale()
    mine = entitlements_of(request.user) if plans and request.user.is_authenticated else None
    context = {
        "offers": [(plan, highlights(plan, plans)) for plan in plans],
        "groups": compare(plans, ModelPrice.objects.all()),
        "products": Product.objects.filter(is_offered=True),
        "economics": current_economics(),
        "mine": mine,
    }
    return render(request, "billing/pricing.html", context)


@require_safe
@login_required
def plan(request: HttpRequest) -> HttpResponse:
    """The reader's plan: every limit with its use, what is included, and until when."""
    user = cast(User, request.user)
    mine = entitlements_of(user)
    standings = usage.standings(user)
    context = {
        "mine": mine,
        "month": usage.month_of(user),
        "counted": [standing for standing in standings if standing.used is not None],
        "bounds": [
            (standing.words.label, limit_figure(standing.limit, standing.allowed))
            for standing in standings
            if standing.used is None and standing.allowed is not None
        ],
        "features": [
            (FEATURES[code], has) for code, has in features_of(mine.limits, plans_on_sale()).items()
        ],
        "models": [model for model in ModelPrice.objects.all() if mine.limits.includes_model(model.name)],
    }
    return render(request, "billing/plan.html", context)
