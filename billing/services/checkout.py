"""Buying: a page of Stripe's on which a plan or a product is paid."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from billing.models import Product
from billing.services import standing
from billing.services.keys import request_key
from billing.stripe import customers, gateway
from billing.subscribing import trials
from config.common.errors import Conflict, Invalid


class CheckoutOver(Conflict):
    """The page that was opened under this key is paid, or has expired; a new one is to be opened."""

    code = "checkout_over"


def start(*, user: User, plan: str, interval: str, key: str) -> str:
    """Return the address where `plan` (its code) is paid by `interval`: month or year.

    The same key is the same page. Nothing is granted by it: what is paid is.
    AlreadySubscribed or PaymentDue for whoever has a plan, Invalid for one that is not sold; what the gateway
    raises where Stripe refuses or cannot be reached.
    """
    price = standing.price_on_sale(plan=plan, interval=interval)
    standing.refuse_subscriber(user)
    marks = {
        "atelier_user": str(user.pk),
        "atelier_plan": price.terms.plan.code,
        "atelier_price": str(price.pk),
    }
    subscription: dict[str, Any] = {"metadata": marks}
    if price.terms.trial_days and trials.may_have_one(user):
        subscription["trial_period_days"] = price.terms.trial_days
    return _open(
        user,
        key,
        mode="subscription",
        price=price.stripe_id,
        marks=marks,
        back=urlencode({"plan": plan, "interval": interval, "back": 1}),
        subscription_data=subscription,
    )


def buy(*, user: User, product: str, key: str) -> str:
    """Return the address where a one-time `product` (its code) is paid. The same key is the same page."""
    found = Product.objects.filter(code=product, is_offered=True).exclude(stripe_price_id=None).first()
    if found is None:
        said = "This is not sold. Choose something else."
        raise Invalid(said, details={"fields": {"product": [said]}})
    marks = {"atelier_user": str(user.pk), "atelier_product": found.code}
    return _open(
        user,
        key,
        mode="payment",
        price=found.stripe_price_id,
        marks=marks,
        back=urlencode({"product": product, "back": 1}),
        payment_intent_data={"metadata": marks},
    )


def _open(
    user: User, key: str, *, mode: str, price: str | None, marks: dict[str, str], back: str, **more: Any
) -> str:
    site = settings.SITE_URL.rstrip("/")
    session = gateway.request(
        operation="checkout.session.create",
        key=request_key(user, key, "checkout"),
        parameters={
            "mode": mode,
            "customer": customers.customer_for(user),
            "client_reference_id": str(user.pk),
            "line_items": [{"price": price, "quantity": 1}],
            "allow_promotion_codes": True,
            "metadata": marks,
            "success_url": f"{site}{reverse('billing:paid')}?session={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{site}{reverse('billing:choose')}?{back}",
            **more,
        },
        user=user,
    )
    url = session.get("url")
    if not url:
        raise CheckoutOver("This page is paid already, or has expired. Look at your plan, or start again.")
    return str(url)
