"""From a choice to its payment: the chosen thing, the way to Stripe, and the way back."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from billing.comparison import highlights, on_sale, plans_on_sale
from billing.models import Product
from billing.payments.arrivals import arrival_of
from billing.services import checkout
from billing.subscribing import trials
from billing.subscribing.membership import Membership, membership_of
from billing.views import changing
from billing.views.requests import attempt_key, interval_of, reader
from config.common.limiting import costly


@costly
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """What was chosen, `?plan=` with `interval=` or `?product=`; sent, it leads to its payment.

    A plan leads whoever pays for one already to the page of the change. Stripe is asked by POST only.
    """
    return _go(request) if request.method == "POST" else _show(request)


@require_safe
@login_required
def paid(request: HttpRequest) -> HttpResponse:
    """The way back from the checkout `?session=`: waits for what was bought, and grants nothing itself."""
    arrival = arrival_of(reader(request), session=request.GET.get("session", ""))
    if arrival is None:
        return redirect("billing:overview")
    return render(request, "billing/paid.html", {"arrival": arrival})


def _show(request: HttpRequest) -> HttpResponse:
    came_back = "back" in request.GET
    product = Product.objects.filter(code=request.GET.get("product", ""), is_offered=True).first()
    if product is not None:
        return render(request, "billing/choose_product.html", {"product": product, "came_back": came_back})
    plans = plans_on_sale()
    plan = next((one for one in plans if one.code == request.GET.get("plan") and one.is_sold), None)
    if plan is None:
        return redirect("billing:pricing")
    member = membership_of(reader(request))
    interval = plan.sold_by(interval_of(request, member))
    may_try = plan.trial_days and member.paid is None and trials.may_have_one(reader(request))
    context = {
        "trial_days": plan.trial_days if may_try else 0,
        "plan": plan,
        "interval": interval,
        "has_both": bool(plan.price_usd_cents and plan.year_usd_cents),
        "lines": highlights(plan, plans),
        "member": member,
        "came_back": came_back,
    }
    return render(request, "billing/choose_plan.html", context)


def _go(request: HttpRequest) -> HttpResponse:
    user, code = reader(request), request.POST.get("product", "")
    if code:
        return redirect(checkout.buy(user=user, product=code, key=attempt_key(request, "product", code)))
    member: Membership = membership_of(user)
    plan = request.POST.get("plan", "")
    interval = on_sale(plan).sold_by(interval_of(request, member))
    if member.paid is not None:
        return changing.preview(request, member=member, plan=plan, interval=interval)
    key = attempt_key(request, "plan", plan, interval)
    return redirect(checkout.start(user=user, plan=plan, interval=interval, key=key))
