"""What a refund and a dispute mean: the credits go back with the money, and come back with it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from djstripe.models import Charge

from accounts import audit
from billing.models import Payment, Reversal, StripeSubscription
from billing.payments import debts, reversal_notices
from billing.signals import payment_reversed
from billing.stripe import mirror, payers
from billing.stripe.shapes import Shape, id_of, is_deleted, moment
from billing.subscribing import entitling, switching
from config.common.errors import Missing

_NOT_PAID_BACK = ("failed", "canceled")
_TAKEN = ("needs_response", "under_review", "lost")
"""The states of a dispute in which the bank has the money: not in an inquiry, nor once it is won."""


@transaction.atomic
def refund(*, data: dict[str, Any], at: datetime) -> None:
    """Take back the credits of money that is paid back; once it is known that it was not, restore them."""
    _record(data, kind=Reversal.Kind.REFUND, stands=data.get("status") not in _NOT_PAID_BACK, at=at)


@transaction.atomic
def dispute(*, data: dict[str, Any], at: datetime) -> None:
    """Take back the credits of a payment while its payer's bank has the money; restore them if it is won."""
    _record(data, kind=Reversal.Kind.DISPUTE, stands=data.get("status") in _TAKEN, at=at)


def charge(*, data: dict[str, Any], at: datetime) -> None:
    """See that every refund of a charge is known as it stands: any other is asked for first."""
    for shape in (data.get("refunds") or {}).get("data", ()):
        known = Reversal.objects.standing().filter(pk=shape["id"]).exists()
        if known != (shape["status"] not in _NOT_PAID_BACK) and _payment_of(shape) is not None:
            raise mirror.Needs(shape["id"])


def register() -> None:
    """Have Stripe's objects mean this."""
    mirror.meaning("refund", refund)
    mirror.meaning("charge.dispute", dispute)
    mirror.meaning("charge", charge)


def _record(data: Shape, *, kind: Reversal.Kind, stands: bool, at: datetime) -> None:
    """Keep what Stripe says of a reversal, and bring credits, debt and plan in line with it."""
    if is_deleted(data):
        return
    payment = _payment_of(data)
    if payment is None:
        _wait_for_payment(data)
        return
    seq = 0
    if payment.user is not None:
        switching.lock(payment.user)
        seq = debts.lock(payment.user).seq
    row = Reversal.objects.filter(pk=data["id"]).first()
    if row is None and not stands:
        return
    before = row and (row.status, row.amount_cents, row.is_standing)
    row = row or Reversal(
        pk=data["id"], payment=payment, kind=kind, happened_at=moment(data["created"]), since_seq=seq
    )
    row.status, row.amount_cents = data["status"], data["amount"]
    if before == (row.status, row.amount_cents, stands):
        return
    was_standing = before is not None and row.is_standing
    if stands:
        row.undone_at = None
    elif was_standing:
        _restore(row, at=at)
    row.save()
    _follow(row, payment, turned=stands != was_standing)


def _follow(row: Reversal, payment: Payment, *, turned: bool) -> None:
    """Bring what hangs on the payment in line: the credits, the plan that it paid for, what was bought.

    Whoever paid is told, and it is written down, where the money has gone or come back.
    """
    user = payment.user
    owed = debts.settle(user=user) if user is not None else 0
    row.refresh_from_db()
    if payment.subscription_id is not None:
        paid_by_it = StripeSubscription.objects.locked().get(pk=payment.subscription_id)
        paid_by_it.count_payments()
        paid_by_it.save(update_fields=["paid_until"])
        if user is not None:
            entitling.follow_payments(user=user)
    if turned:
        _audit(row, payment, owed)
        reversal_notices.reversal_turned(row)
    payment_reversed.send(sender=Payment, payment=payment)


def _restore(row: Reversal, *, at: datetime) -> None:
    """Give back all that was taken for it, once, and owe nothing for it."""
    why = "The dispute was won" if row.kind == Reversal.Kind.DISPUTE else "The refund did not go through"
    debts.give_back(row, description=why)
    row.undone_at = at


def _payment_of(data: Shape) -> Payment | None:
    """Return the payment that a refund or a dispute is of; None while it is not known, or not ours."""
    charge, intent = id_of(data.get("charge")), id_of(data.get("payment_intent"))
    of_it = Q(charge_id=charge) if charge else Q(pk=None)
    if intent:
        of_it |= Q(payment_intent_id=intent)
    return Payment.objects.filter(of_it).select_related("user", "product", "terms").first()


def _wait_for_payment(data: Shape) -> None:
    """Raise where the money is one of our customers', whose payment is not known yet; else it is not ours.

    The event is tried again, and by then Stripe has told of the payment, or the comparison has found it.
    """
    charge = id_of(data.get("charge"))
    if charge is None:
        return
    copy = Charge.objects.filter(id=charge).first()
    if copy is None:
        raise mirror.Needs(charge)
    if payers.payer_of(copy.stripe_data) is not None:
        raise Missing(f"{data['id']} is of a payment that is not known yet: {charge}.")


def _audit(row: Reversal, payment: Payment, owed: int) -> None:
    audit.write(
        act="payment.reversed" if row.is_standing else "payment.restored",
        subject=payment,
        user_id=payment.user_id,
        actor=None,
        reason=f"{row} is {row.status}",
        after={
            "amount_cents": row.amount_cents,
            "due": row.credits_due,
            "taken": row.credits_taken,
            "restored": row.credits_restored,
            "owed": owed,
        },
    )
