"""Users who pay, as Stripe's answers would have left them: rows of ours, and Stripe's objects in copy."""

from datetime import datetime, timedelta
from typing import Any

from djstripe.models import Customer, Invoice, PaymentMethod
from djstripe.models import Subscription as Copy

from accounts.models import User
from billing import entitlements
from billing.models import Payment, Price, Product, StripeSubscription, Subscription
from config.common.clock import now


def price_of(plan: str, interval: str = "month") -> Price:
    """Return the price of the plan's terms in force."""
    return Price.objects.get(terms__plan__code=plan, terms__is_current=True, interval=interval)


def pays(user: User, plan: str = "pro", interval: str = "month", **fields: Any) -> StripeSubscription:
    """Let `user` pay for a plan since ten days ago; `fields` are those of its subscription at Stripe."""
    began = now() - timedelta(days=10)
    ends = began + timedelta(days=365 if interval == "year" else 30)
    paid = StripeSubscription.objects.create(
        **{
            "id": f"sub_{user.pk.hex}",
            "user": user,
            "customer_id": customer_of(user).id,
            "price": price_of(plan, interval),
            "status": "active",
            "started_at": began,
            "anchor": began,
            "period_start": began,
            "period_end": ends,
            "paid_until": ends,
            **fields,
        }
    )
    Subscription.objects.current().filter(user=user).update(started_at=began, ended_at=began)
    Subscription.objects.create(
        user=user,
        terms=paid.price.terms,
        source=Subscription.Source.PAID,
        stripe=paid,
        allowance=Subscription.Allowance.GRANTED,
        started_at=began,
        ends_at=paid.ends_at,
    )
    Copy.objects.create(
        id=paid.pk,
        customer=customer_of(user),
        livemode=False,
        created=began,
        stripe_data={"id": paid.pk, "status": paid.status, "default_payment_method": None, "discounts": []},
    )
    entitlements.forget(user)
    return paid


def past_due(user: User, **fields: Any) -> StripeSubscription:
    """Let the renewal of `user`'s plan fail two days ago; an open invoice waits."""
    since = now() - timedelta(days=2)
    paid = pays(
        user,
        status="past_due",
        past_due_since=since,
        attempts=2,
        next_attempt_at=now() + timedelta(days=3),
        paid_until=now() + timedelta(days=1),
        **fields,
    )
    invoice(user, "in_open", status="open", subscription=paid.pk, cents=7900, created=since)
    return paid


def customer_of(user: User) -> Customer:
    """Return the customer that `user` is at Stripe."""
    found, _ = Customer.objects.get_or_create(
        id=f"cus_{user.pk.hex}",
        defaults={"subscriber": user, "livemode": False, "stripe_data": {"invoice_settings": {}}},
    )
    return found


def card(user: User, *, last4: str = "4242", year: int = 2031) -> None:
    """Give `user` a card that everything is paid with."""
    customer = customer_of(user)
    PaymentMethod.objects.create(
        id=f"pm_{user.pk.hex}",
        customer=customer,
        livemode=False,
        stripe_data={"card": {"brand": "visa", "last4": last4, "exp_month": 4, "exp_year": year}},
    )
    customer.stripe_data = {"invoice_settings": {"default_payment_method": f"pm_{user.pk.hex}"}}
    customer.save()


def invoice(
    user: User,
    name: str,
    *,
    status: str = "paid",
    subscription: str = "",
    cents: int = 7900,
    reason: str = "subscription_cycle",
    created: datetime | None = None,
) -> Invoice:
    """Give `user` an invoice."""
    return Invoice.objects.create(
        id=name,
        customer=customer_of(user),
        livemode=False,
        created=created or now(),
        stripe_data={
            "id": name,
            "number": f"A1B2C3-{name[-4:]}",
            "status": status,
            "total": cents,
            "amount_remaining": cents if status == "open" else 0,
            "billing_reason": reason,
            "invoice_pdf": f"https://pay.stripe.test/{name}/pdf" if status != "draft" else None,
            "hosted_invoice_url": f"https://invoice.stripe.test/{name}",
            "parent": {"subscription_details": {"subscription": subscription}} if subscription else None,
            "lines": {"data": []},
        },
    )


def bought(user: User, code: str = "credits-100") -> Payment:
    """Let `user` have bought a product."""
    product = Product.objects.get(code=code)
    return Payment.objects.create(
        user=user,
        checkout_id=f"cs_{code}_{user.pk.hex}",
        amount_cents=product.price_cents,
        currency="usd",
        product=product,
        credits=product.credits or 0,
        paid_at=now(),
    )
