"""One's own plan, what it carries and what was paid for it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from accounts.models import User
from billing import usage
from billing.comparison import features_of, limit_figure, plans_on_sale
from billing.limits import FEATURES
from billing.models import ModelPrice, Payment, Product
from billing.payments.fulfilment import pages_of
from billing.stripe import readings as at_stripe
from billing.stripe.discounts import less
from billing.subscribing.membership import Membership, State, membership_of
from billing.views.requests import reader
from config.common.clock import now
from config.common.pages import page_of
from credits.selectors import balance_of

_SHOWN = 6

plan = require_safe(login_required(RedirectView.as_view(pattern_name="billing:overview", permanent=True)))
"""The address that this page had before."""


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """The reader's plan: how it stands, what is used of it, and what was paid."""
    user = reader(request)
    member, balance, month = membership_of(user), balance_of(user), usage.month_of(user)
    context = {
        "member": member,
        "mine": member.mine,
        "month": month,
        "days_left": max(0, (month.end - now()).days),
        "balance": balance,
        "wallet": balance,  # the header's meter: it shall not ask again
        **_carried(user, member),
        **_paid(user),
        **_at_stripe(user, member),
    }
    return render(request, "billing/overview.html", context)


@require_safe
@login_required
def invoices(request: HttpRequest) -> HttpResponse:
    """Every invoice of the reader, newest first."""
    page = page_of(request, at_stripe.invoices_of(reader(request)))
    context = {**page, "invoices": [at_stripe.invoice_line(invoice) for invoice in page["rows"]]}
    return render(request, "billing/invoices.html", context)


def _carried(user: User, member: Membership) -> dict[str, Any]:
    """What the plan carries: what is used of it where that is counted, and what is in it."""
    standings, limits = usage.standings(user), member.mine.limits
    return {
        "counted": [standing for standing in standings if standing.used is not None],
        "bounds": [
            (standing.words.label, limit_figure(standing.limit, standing.allowed))
            for standing in standings
            if standing.used is None and standing.allowed is not None
        ],
        "features": [(FEATURES[code], has) for code, has in features_of(limits, plans_on_sale()).items()],
        "models": [model for model in ModelPrice.objects.all() if limits.includes_model(model.name)],
    }


def _paid(user: User) -> dict[str, Any]:
    """What was paid, and what can be bought."""
    bought = Payment.objects.of_products().filter(user=user).select_related("product")
    purchases = list(bought[:_SHOWN])
    pages = pages_of(purchases)
    found = [at_stripe.invoice_line(invoice) for invoice in at_stripe.invoices_of(user)[: _SHOWN + 1]]
    return {
        "invoices": found[:_SHOWN],
        "has_more_invoices": len(found) > _SHOWN,
        "purchases": [(payment, pages.get(payment.pk, "")) for payment in purchases],
        "products": Product.objects.filter(is_offered=True),
    }


def _at_stripe(user: User, member: Membership) -> dict[str, Any]:
    """What Stripe has to be paid with and to be paid for."""
    if member.paid is None:
        return {}
    subscription_id = member.paid.pk
    is_due = member.state == State.PAST_DUE
    price = member.next_price or member.paid.price
    discounts = at_stripe.discounts_of(
        subscription_id=subscription_id,
        at=member.renews_at or now(),
        product=price.terms.plan.stripe_id,
    )
    return {
        "card": at_stripe.card_of(user, subscription_id=subscription_id),
        "discount": " and ".join(map(str, discounts)),
        "renewal_cents": less(price.amount_cents, discounts),
        "unpaid": at_stripe.unpaid_invoice(user, subscription_id=subscription_id) if is_due else None,
    }
