"""What is compared with Stripe, and how both sides are put into words that can be compared."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from billing.models import Payment, Reversal, StripeSubscription
from billing.models.stripe_subscription import LIVE
from billing.stripe import gateway
from billing.stripe.kinds import Kind
from billing.stripe.payers import payer_of
from billing.stripe.shapes import Shape, id_of, moment_or_none, period_of, price_of, subscription_of

NOTHING = "nothing"
"""What stands where there is no row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One kind of objects: which Stripe has since a moment, and how each stands there and here.

    `theirs` is None for an object that need not be here. `ours` answers for many at once, and leaves out what
    is not here. `is_ours` tells whether an object that stands otherwise here is of a user of the studio's at
    all. `alive` are the ids of those that are under way here: they are looked at even where Stripe does not
    list them.
    """

    what: str
    kind: Kind
    listed: Callable[[datetime], Iterator[Shape]]
    theirs: Callable[[Shape], str | None]
    ours: Callable[[Collection[str]], Mapping[str, str]]
    is_ours: Callable[[Shape], bool]
    alive: Callable[[], Iterable[str]] = tuple


def _subscriptions(since: datetime) -> Iterator[Shape]:
    return gateway.list_all("customer.subscription")


def _since(kind: Kind, **filters: Any) -> Callable[[datetime], Iterator[Shape]]:
    def listed(since: datetime) -> Iterator[Shape]:
        return gateway.list_all(kind, created={"gte": int(since.timestamp())}, **filters)

    return listed


def _subscription_there(shape: Shape) -> str | None:
    if shape["status"] not in LIVE:
        return None
    period = period_of(shape)
    at_end = period.end if shape.get("cancel_at_period_end") else None
    ends = moment_or_none(shape.get("cancel_at")) or at_end
    return _subscription(
        shape["status"], price_of(shape), period.end, ends, id_of(shape.get("schedule")) or ""
    )


def _subscriptions_here(object_ids: Collection[str]) -> Mapping[str, str]:
    return {
        row.pk: _subscription(
            row.status, row.price.stripe_id or "", row.period_end, row.cancel_at, row.schedule_id
        )
        for row in StripeSubscription.objects.select_related("price").filter(pk__in=object_ids)
    }


def _subscription(status: str, price: str, until: datetime, ends: datetime | None, schedule: str) -> str:
    words = [status, price, f"until {_day(until)}"]
    if ends:
        words.append(f"ends {_day(ends)}")
    if schedule:
        words.append(f"changes by {schedule}")
    return ", ".join(words)


def _live_here() -> Iterable[str]:
    return StripeSubscription.objects.filter(status__in=LIVE).values_list("pk", flat=True).iterator()


def _invoice_there(shape: Shape) -> str | None:
    is_paid = shape["amount_paid"] and subscription_of(shape) is not None
    return _money("paid", shape["amount_paid"]) if is_paid else None


def _checkout_there(shape: Shape) -> str | None:
    is_paid = shape["mode"] == "payment" and shape["payment_status"] == "paid" and shape["amount_total"]
    return _money("paid", shape["amount_total"]) if is_paid else None


def _has_payer(shape: Shape) -> bool:
    return payer_of(shape) is not None


def _payments_here(name: str) -> Callable[[Collection[str]], Mapping[str, str]]:
    def ours(object_ids: Collection[str]) -> Mapping[str, str]:
        rows = Payment.objects.filter(**{f"{name}__in": object_ids}).values_list(name, "amount_cents")
        return {object_id: _money("paid", cents) for object_id, cents in rows}

    return ours


def _reversal_there(shape: Shape) -> str | None:
    return _money(shape["status"], shape["amount"])


def _reversals_here(object_ids: Collection[str]) -> Mapping[str, str]:
    rows = Reversal.objects.filter(pk__in=object_ids).values_list("pk", "status", "amount_cents")
    return {object_id: _money(status, cents) for object_id, status, cents in rows}


def _reverses(*idle: str) -> Callable[[Shape], bool]:
    """Of a payment of ours; what has taken nothing counts where it is known as having done so."""

    def is_ours(shape: Shape) -> bool:
        charge, intent = id_of(shape.get("charge")), id_of(shape.get("payment_intent"))
        paid = Q(charge_id=charge) if charge else Q(pk=None)
        if not Payment.objects.filter(paid | Q(payment_intent_id=intent) if intent else paid).exists():
            return False
        return shape["status"] not in idle or Reversal.objects.filter(pk=shape["id"]).exists()

    return is_ours


def _money(status: str, cents: int) -> str:
    return f"{status}, {cents / 100:.2f}"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


COMPARISONS = (
    Comparison(
        what="subscription",
        kind="customer.subscription",
        listed=_subscriptions,
        theirs=_subscription_there,
        ours=_subscriptions_here,
        is_ours=_has_payer,
        alive=_live_here,
    ),
    Comparison(
        what="invoice",
        kind="invoice",
        listed=_since("invoice", status="paid"),
        theirs=_invoice_there,
        ours=_payments_here("invoice_id"),
        is_ours=_has_payer,
    ),
    Comparison(
        what="checkout",
        kind="checkout.session",
        listed=_since("checkout.session", status="complete"),
        theirs=_checkout_there,
        ours=_payments_here("checkout_id"),
        is_ours=_has_payer,
    ),
    Comparison(
        what="refund",
        kind="refund",
        listed=_since("refund"),
        theirs=_reversal_there,
        ours=_reversals_here,
        is_ours=_reverses("failed", "canceled"),
    ),
    Comparison(
        what="dispute",
        kind="charge.dispute",
        listed=_since("charge.dispute"),
        theirs=_reversal_there,
        ours=_reversals_here,
        is_ours=_reverses(
            "won", "warning_needs_response", "warning_under_review", "warning_closed", "prevented"
        ),
    ),
)
"""In this order: what is repaired first is what the next stands on."""
