"""What an invoice, a checkout and a charge mean: the money that arrived, once, and what it brings."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from billing import allowances, dunning, entitling, mirror, notices, payers, surplus, switching
from billing.bought import Bought, bought
from billing.models import Payment, Product, StripeSubscription
from billing.prices import price_at_stripe
from billing.signals import product_bought
from billing.stripe_shapes import Shape, charge_of, fee_of, id_of, metadata_of, moment, payment_intent_of, subscription_of
from config.common.errors import Missing
from credits import ledger
from credits.ledger import Reference
from credits.models import Source
from credits.periods import period_containing

WHOLE_PERIODS = ("subscription_create", "subscription_cycle")


@transaction.atomic
def invoice(*, data: dict[str, Any], at: datetime) -> None:
    """Keep a paid invoice of a subscription as a payment, and give what it brings; note a failed attempt.

    Nothing is granted unless money arrived. An invoice over nothing, of a trial or with a coupon, keeps the plan
    for its period and brings no credits.
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
            "paid_at": moment(data["created"]),
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
