"""Money that comes and goes back, told to the studio in Stripe's shapes."""

from datetime import datetime
from typing import Any

from accounts.models import User
from billing.models import Payment, Product, Reversal
from billing.payments import reversals
from config.common.clock import now
from credits import ledger
from credits.models import Lot
from tests.billing.told import (
    a_checkout,
    a_subscription,
    bought,
    epoch,
    month,
    price,
    tell,
    this_second,
    year,
)
from tests.credits.books import fresh_key, hold

MEANINGS = {"refund": reversals.refund, "dispute": reversals.dispute}


def buy(
    user: User, product: str = "credits-100", *, number: int | str = 1, at: datetime | None = None
) -> Payment:
    """Pay for a product once."""
    sold = Product.objects.get(code=product)
    data = a_checkout(user, id=f"cs_{number}", mode="payment", payment_intent=f"pi_{number}")
    data["metadata"] = {**data["metadata"], "atelier_product": product}
    data["amount_total"], data["created"] = sold.price_cents, epoch(at or now())
    tell(data)
    return Payment.objects.get(checkout_id=f"cs_{number}")


def subscribe(
    user: User, plan: str = "starter", interval: str = "month", *, start: datetime | None = None
) -> Payment:
    """Pay for the first period of a plan."""
    start = start or this_second()
    period = month(start) if interval == "month" else year(start)
    of = price(plan, interval)
    tell(a_subscription(user, of, period), bought(user, of, period))
    return Payment.objects.get(invoice_id="in_1")


def a_refund(payment: Payment, cents: int | None = None, *, id: str = "re_1", **more: Any) -> dict[str, Any]:
    """A refund of a payment: of all of it, unless told."""
    return {
        "id": id,
        "object": "refund",
        "amount": payment.amount_cents if cents is None else cents,
        "charge": payment.charge_id or None,
        "payment_intent": payment.payment_intent_id,
        "currency": "usd",
        "status": "succeeded",
        "created": epoch(now()),
        "metadata": {},
        **more,
    }


def a_dispute(
    payment: Payment, *, status: str = "needs_response", id: str = "dp_1", **more: Any
) -> dict[str, Any]:
    """A dispute over a payment."""
    return a_refund(payment, id=id, object="dispute", status=status, **more)


def told(data: dict[str, Any]) -> Reversal | None:
    """Tell the studio what Stripe says of a reversal; return it as it stands then."""
    MEANINGS[data["object"]](data=data, at=now())
    return Reversal.objects.filter(pk=data["id"]).first()


def spend(user: User, credits: int) -> int:
    """Have work use credits; return the hold that it settled."""
    held = hold(user.wallet.pk, credits)
    ledger.settle(hold_id=held.hold_id, amount=credits, key=fresh_key("settle"))
    return held.hold_id


def figures(user: User) -> tuple[int, int, int]:
    """What is free, what is held, and what is owed."""
    user.wallet.refresh_from_db()
    return user.wallet.available, user.wallet.held, user.wallet.owed


def left_of(payment: Payment) -> int:
    """What is left of the lot that a payment brought at once."""
    return Lot.objects.get(source_key=ledger.key_id(payment.key)).remaining


def credits_of(row: Reversal) -> tuple[int, ...]:
    """Due, taken, restored, gone, forgiven, and the debt."""
    row.refresh_from_db()
    return (
        row.credits_due,
        row.credits_taken,
        row.credits_restored,
        row.credits_gone,
        row.credits_forgiven,
        row.debt,
    )
