"""Gives money back because an operator says so: written down first, then asked of Stripe, once."""

from django.db import transaction

from accounts import audit
from accounts.models import User
from billing.models import Payment, Reversal, StripeRequest
from billing.stripe import gateway, mirror
from config.common.errors import Conflict, Invalid

SHORTEST_REASON = 10


class TooMuch(Conflict):
    """More than what is left of the payment; `details.left` says how many cents that is."""


def left_of(payment: Payment) -> int:
    """Return how many cents of a payment can still be given back: no refund or dispute has them."""
    standing = payment.reversals.standing()
    return max(0, payment.amount_cents - sum(standing.values_list("amount_cents", flat=True)))


def refund(*, payment: Payment, cents: int, reason: str, actor: User, key: str) -> Reversal | None:
    """Give `cents` of a payment back to its payer, and return the refund as it is known here then.

    Outside any transaction. The order and its reason are in the audit log before Stripe is asked; the same
    `key` again asks for the same refund, never for a second one. Its credits go back with it.
    Raises Invalid with every field that is wrong, TooMuch, and what the gateway raises.
    """
    reason = reason.strip()
    _refuse_wrong(payment, cents, reason)
    if not _is_ordered(payment, key):
        if cents > (left := left_of(payment)):
            raise TooMuch("So much is not left of this payment.", details={"left": left, "needed": cents})
        _write_down(payment, cents, reason, actor, key)
    made = gateway.request(
        operation="refund.create",
        key=_key(payment, key),
        parameters={**_paid_by(payment), "amount": cents, "reason": "requested_by_customer"},
        user=payment.user,
    )
    mirror.refresh(made["id"])
    return Reversal.objects.filter(pk=made["id"]).first()


def _refuse_wrong(payment: Payment, cents: int, reason: str) -> None:
    wrong: dict[str, list[str]] = {}
    if not 0 < cents <= payment.amount_cents:
        wrong["amount"] = ["Name an amount above 0 that was paid."]
    if len(reason) < SHORTEST_REASON:
        wrong["reason"] = [f"Say why, in {SHORTEST_REASON} characters or more."]
    if not payment.payment_intent_id and not payment.charge_id:
        wrong["amount"] = ["Stripe has not told by what it was paid. Give it back on Stripe's own pages."]
    if wrong:
        raise Invalid("Nothing was given back.", details={"fields": wrong})


def _is_ordered(payment: Payment, key: str) -> bool:
    return StripeRequest.objects.filter(key=_key(payment, key)).exists()


@transaction.atomic
def _write_down(payment: Payment, cents: int, reason: str, actor: User, key: str) -> None:
    audit.write(
        act="payment.refund_ordered",
        subject=payment,
        user_id=payment.user_id,
        actor=actor,
        reason=reason,
        before={"left_cents": left_of(payment)},
        after={"amount_cents": cents, "key": key},
    )


def _paid_by(payment: Payment) -> dict[str, str]:
    if payment.payment_intent_id:
        return {"payment_intent": payment.payment_intent_id}
    return {"charge": payment.charge_id}


def _key(payment: Payment, key: str) -> str:
    return f"refund:{payment.pk}:{key}"
