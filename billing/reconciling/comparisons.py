"""What is compared with Stripe, and how both sides are put into words that can be compared."""

from collections.abc import Callable, Iterable, Iterator
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


@dataclass(frozen=True, slots=True)
class Comparison:
    """One kind of objects: which Stripe has since a moment, and how each stands there and here.

    `theirs` is None for an object that need not be here. `alive` are the ids of those that are under way
    here: they are looked at even where Stripe does not list them.
    """

    what: str
    kind: Kind
    listed: Callable[[datetime], Iterator[Shape]]
    theirs: Callable[[Shape], str | None]
    ours: Callable[[str], str]
    alive: Callable[[], Iterable[str]] = tuple


def _subscriptions(since: datetime) -> Iterator[Shape]:
    return gateway.list_all("customer.subscription")


def _since(kind: Kind, **filters: Any) -> Callable[[datetime], Iterator[Shape]]:
    def listed(since: datetime) -> Iterator[Shape]:
        return gateway.list_all(kind, created={"gte": int(since.timestamp())}, **filters)

    return listed


def _subscription_there(shape: Shape) -> str | None:
    if shape["status"] not in LIVE or payer_of(shape) is None:
        return None
    period = period_of(shape)
    at_end = period.end if shape.get("cancel_at_period_end") else None
    ends = moment_or_none(shape.get("cancel_at")) or at_end
    return _subscription(
        shape["status"], price_of(shape), period.end, ends, id_of(shape.get("schedule")) or ""
    )


def _subscription_here(object_id: str) -> str:
    row = StripeSubscription.objects.select_related("price").filter(pk=object_id).first()
    if row is None:
        return NOTHING
    return _subscription(
        row.status, row.price.stripe_id or "", row.period_end, row.cancel_at, row.schedule_id
    )


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
    if not shape["amount_paid"] or subscription_of(shape) is None or payer_of(shape) is None:
        return None
    return _money("paid", shape["amount_paid"])


def _checkout_there(shape: Shape) -> str | None:
    is_paid = shape["mode"] == "payment" and shape["payment_status"] == "paid" and shape["amount_total"]
    return _money("paid", shape["amount_total"]) if is_paid and payer_of(shape) is not None else None


def _payment_here(name: str) -> Callable[[str], str]:
    def ours(object_id: str) -> str:
        row = Payment.objects.filter(**{name: object_id}).first()
        return _money("paid", row.amount_cents) if row else NOTHING

    return ours


def _reversal_there(idle: tuple[str, ...]) -> Callable[[Shape], str | None]:
    """Of a payment of ours; what has taken nothing counts where it is known as having done so."""

    def theirs(shape: Shape) -> str | None:
        charge, intent = id_of(shape.get("charge")), id_of(shape.get("payment_intent"))
        paid = Q(charge_id=charge) if charge else Q(pk=None)
        if not Payment.objects.filter(paid | Q(payment_intent_id=intent) if intent else paid).exists():
            return None
        if shape["status"] in idle and not Reversal.objects.filter(pk=shape["id"]).exists():
            return None
        return _money(shape["status"], shape["amount"])

    return theirs


def _reversal_here(object_id: str) -> str:
    row = Reversal.objects.filter(pk=object_id).first()
    return _money(row.status, row.amount_cents) if row else NOTHING


def _money(status: str, cents: int) -> str:
    return f"{status}, {cents / 100:.2f}"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


COMPARISONS = (
    Comparison(
        "subscription",
        "customer.subscription",
        _subscriptions,
        _subscription_there,
        _subscription_here,
        _live_here,
    ),
    Comparison(
        "invoice", "invoice", _since("invoice", status="paid"), _invoice_there, _payment_here("invoice_id")
    ),
    Comparison(
        "checkout",
        "checkout.session",
        _since("checkout.session", status="complete"),
        _checkout_there,
        _payment_here("checkout_id"),
    ),
    Comparison("refund", "refund", _since("refund"), _reversal_there(("failed", "canceled")), _reversal_here),
    Comparison(
        "dispute",
        "charge.dispute",
        _since("charge.dispute"),
        _reversal_there(
            ("won", "warning_needs_response", "warning_under_review", "warning_closed", "prevented")
        ),
        _reversal_here,
    ),
)
"""In this order: what is repaired first is what the next stands on."""
