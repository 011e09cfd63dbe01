"""What an invoice, a checkout and a charge mean: the money that arrived, once, and what it brings."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from billing import allowances, notices
from billing.models import Payment, Product, StripeSubscription
from billing.payments.bought import Bought, bought
from billing.ringing import ring_after_commit
from billing.signals import product_bought
from billing.stripe import mirror, payers
from billing.stripe.prices import price_at_stripe
from billing.stripe.shapes import (
    Shape,
    charge_of,
    fee_of,
    id_of,
    is_deleted,
    metadata_of,
    moment,
    moment_or_none,
    paid_at_of,
    payment_intent_of,
    subscription_of,
)
from billing.subscribing import dunning, entitling, surplus, switching
from config.common.errors import Missing
from credits import ledger
from credits.ledger import Reference
from credits.models import Source
from credits.periods import period_containing


@transaction.atomic
def invoice(*, data: dict[str, Any], at: datetime) -> None:
    """Keep a paid invoice of a subscription as a payment, and give what it brings; note a failed attempt.

    Nothing is granted unless money arrived. An invoice on which nothing was asked for, of a trial, with a
    coupon, or from what the customer has left at Stripe, keeps the plan for the period that is on it and
    brings no credits; over a part of a period it means nothing.
    """
    subscription_id = subscription_of(data)
    if subscription_id is None:
        return
    stripe = _lock(subscription_id)
    if stripe is None:
        if payers.payer_of(data) is not None:
            raise mirror.Needs(subscription_id)
        return
    if data["status"] == "paid":
        _settled(stripe, data)
    elif data["status"] == "open" and not stripe.is_surplus:
        dunning.note_failure(stripe, invoice=data)


@transaction.atomic
def checkout(*, data: dict[str, Any], at: datetime) -> None:
    """Keep a paid checkout of a product as a payment, and give what was bought.

    That of a subscription means nothing by itself: its invoice does. Missing where the studio knows no such
    product.
    """
    if is_deleted(data):
        return
    user = payers.payer_of(data)
    if data["mode"] != "payment" or data["payment_status"] != "paid" or not data["amount_total"]:
        return
    if user is None or Payment.objects.filter(checkout_id=data["id"]).exists():
        return
    switching.lock(user)
    payment, is_new = Payment.objects.get_or_create(
        checkout_id=data["id"],
        defaults={
            "user": user,
            "payment_intent_id": id_of(data.get("payment_intent")) or "",
            "amount_cents": data["amount_total"],
            "currency": data["currency"],
            "product": _product(data),
            "paid_at": paid_at_of(data),
        },
    )
    if not is_new or payment.product is None:
        return
    payment.credits = payment.product.credits or payment.product.includes_credits
    payment.save(update_fields=["credits"])
    if payment.credits:
        ledger.grant(
            wallet_id=user.wallet.pk,
            amount=payment.credits,
            source=Source.PURCHASE,
            key=f"checkout:{payment.checkout_id}",
            reference=Reference("payment", payment.pk),
            description=payment.product.name,
        )
    _told(payment)
    product_bought.send(sender=Payment, payment=payment)


def charge(*, data: dict[str, Any], at: datetime) -> None:
    """Keep what Stripe took of a payment."""
    fee, intent = fee_of(data), id_of(data.get("payment_intent"))
    of_it = Q(charge_id=data["id"]) | Q(payment_intent_id=intent) if intent else Q(charge_id=data["id"])
    if data.get("paid") and fee is not None:
        Payment.objects.filter(of_it).update(charge_id=data["id"], fee_cents=fee)


def register() -> None:
    """Have Stripe's objects mean this."""
    mirror.meaning("invoice", invoice)
    mirror.meaning("checkout.session", checkout)
    mirror.meaning("charge", charge)


def _lock(subscription_id: str) -> StripeSubscription | None:
    """Return what is known of a subscription, with its user's plan locked."""
    found = StripeSubscription.objects.filter(pk=subscription_id).select_related("user").first()
    if found is not None and found.user is not None:
        switching.lock(found.user)
    if found is not None:
        locked = StripeSubscription.objects.locked().select_related("user", "price__terms")
        found = locked.get(pk=subscription_id)
    return found


def _settled(stripe: StripeSubscription, data: Shape) -> None:
    what = bought(data)
    if what is None:
        return
    if not data["amount_paid"]:
        if not what.is_rest:
            stripe.waive(until=what.period.end)
            _follow(stripe)
        return
    if Payment.objects.filter(invoice_id=data["id"]).exists():
        return
    payment = _of_invoice(stripe, data, what)
    if stripe.is_surplus:
        surplus.undo(stripe)
    else:
        dunning.note_recovery(stripe)
        _follow(stripe)
        payment.credits = _give(payment, stripe, what)
        payment.save(update_fields=["credits"])
        notices.payment_succeeded(payment, invoice_url=str(data.get("hosted_invoice_url") or ""))
    _learn_fee(payment)


def _of_invoice(stripe: StripeSubscription, data: Shape, what: Bought) -> Payment:
    price = price_at_stripe(what.price)
    paid_at = moment_or_none((data.get("status_transitions") or {}).get("paid_at"))
    return Payment.objects.create(
        user=stripe.user,
        invoice_id=data["id"],
        charge_id=charge_of(data) or "",
        payment_intent_id=payment_intent_of(data) or "",
        amount_cents=data["amount_paid"],
        currency=data["currency"],
        subscription=stripe,
        terms=price.terms,
        interval=price.interval,
        period_start=what.period.start,
        period_end=what.period.end,
        paid_at=paid_at or moment(data["created"]),
    )


def _follow(stripe: StripeSubscription) -> None:
    """Work out anew until when `stripe` is paid, and put its user on the plan that follows from it."""
    stripe.count_payments()
    stripe.save()
    if stripe.user is not None:
        entitling.follow_payments(user=stripe.user)


def _give(payment: Payment, stripe: StripeSubscription, what: Bought) -> int:
    """Grant what a payment for a plan brings, and return how many credits that is.

    Nothing where the plan is no longer in force: what it was for is over, or its user is gone.
    """
    subscription = entitling.in_force(stripe)
    if subscription is None or payment.terms is None:
        return 0
    key = f"invoice:{payment.invoice_id}"
    if not what.is_rest:
        return allowances.begin_period(
            subscription=subscription,
            period=what.period,
            anchor=stripe.anchor,
            terms=payment.terms,
            key=key,
            reference=Reference("payment", payment.pk),
        )
    had = _credits(what.credited) if what.credited else 0
    more = (payment.terms.credits_per_month or 0) - had
    return allowances.add_for_rest_of_month(
        wallet=subscription.user.wallet,
        credits=more,
        month=period_containing(anchor=stripe.anchor, at=what.period.start),
        since=what.period.start,
        key=key,
        reference=Reference("payment", payment.pk),
        description=f"{payment.terms.name}, credits for the rest of the month",
    )


def _credits(stripe_price: str) -> int:
    return price_at_stripe(stripe_price).terms.credits_per_month or 0


def _product(data: Shape) -> Product:
    code = metadata_of(data).get("atelier_product", "")
    product = Product.objects.filter(code=code).first()
    if product is None:
        raise Missing(f"Checkout {data['id']} is of no product of the studio's: {code!r}.")
    return product


def _told(payment: Payment) -> None:
    notices.payment_succeeded(payment)
    _learn_fee(payment)


def _learn_fee(payment: Payment) -> None:
    """Have Stripe asked, after the commit, what it took of the payment."""
    ring_after_commit("learn_fee", str(payment.pk))
