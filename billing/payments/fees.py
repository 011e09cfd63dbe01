"""Learns what Stripe takes of a payment: known once its charge has a balance transaction."""

from datetime import timedelta
from uuid import UUID

from billing.models import Payment
from billing.stripe import gateway, mirror
from billing.stripe.shapes import id_of
from config.common.clock import now

_GIVEN_UP_AFTER = timedelta(days=7)
"""What has no fee by then was paid by no card."""


def learn(payment_id: UUID) -> bool:
    """Ask Stripe for the fee of a payment; tell whether it is known now. Outside any transaction."""
    payment = Payment.objects.get(pk=payment_id)
    charge = payment.charge_id or _charge_of(payment)
    if payment.fee_cents is None and charge:
        mirror.refresh(charge)
        payment.refresh_from_db(fields=["fee_cents"])
    return payment.fee_cents is not None


def unknown() -> list[UUID]:
    """Return the payments of the last days whose fee is not known yet."""
    young = Payment.objects.filter(fee_cents=None, paid_at__gt=now() - _GIVEN_UP_AFTER)
    return list(young.exclude(payment_intent_id="", charge_id="").values_list("pk", flat=True))


def _charge_of(payment: Payment) -> str:
    if not payment.payment_intent_id:
        return ""
    intent = gateway.fetch("payment_intent", payment.payment_intent_id)
    charge = id_of(intent.get("latest_charge")) or ""
    Payment.objects.filter(pk=payment.pk).update(charge_id=charge)
    return charge
