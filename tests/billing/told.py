"""What Stripe says, in its shapes: subscriptions, invoices, checkouts and schedules, told to the studio by hand."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import User
from billing.models import Price
from billing.payments import meaning as payments
from billing.subscribing import meaning as subscribing
from config.common.clock import now
from credits.periods import Period, month_start, nth_period

MEANINGS = {
    "customer": subscribing.customer,
    "subscription": subscribing.subscription,
    "subscription_schedule": subscribing.schedule,
    "invoice": payments.invoice,
    "checkout.session": payments.checkout,
    "charge": payments.charge,
}


def name_prices() -> None:
    """Have Stripe know every price of the catalogue: starter-month, starter-year, …"""
    for price in Price.objects.filter(stripe_id=None).select_related("terms__plan"):
        price.stripe_id = f"{price.terms.plan.code}-{price.interval}-{price.terms.version}"
        price.save(update_fields=["stripe_id"])


def price(plan: str, interval: str = "month") -> Price:
    """The price that a plan has today."""
    return Price.objects.get(terms__plan__code=plan, interval=interval, terms__is_current=True)


def tell(*said: dict[str, Any]) -> None:
    """Tell the studio what Stripe says, in this order."""
    for data in said:
        MEANINGS[data["object"]](data=data, at=now())


def epoch(moment: datetime | None) -> int | None:
    """As Stripe writes it."""
    return None if moment is None else int(moment.timestamp())


def this_second() -> datetime:
    """Now, as exactly as Stripe tells time."""
    return now().replace(microsecond=0)


def month(start: datetime, index: int = 0) -> Period:
    """The period number `index` of who began then."""
    return nth_period(anchor=start, index=index)


def year(start: datetime) -> Period:
    """The year that begins then."""
    return Period(start, month_start(anchor=start, months=12))


def a_subscription(
    user: User, of: Price, period: Period, *, id: str = "sub_1", status: str = "active", **more: Any
) -> dict[str, Any]:
    """A subscription; moments in `more` may be datetimes."""
    data = {
        "id": id,
        "object": "subscription",
        "customer": f"cus_{user.pk.hex}",
        "metadata": {"atelier_user": str(user.pk)},
        "status": status,
        "start_date": period.start,
        "created": period.start,
        "billing_cycle_anchor": period.start,
        "trial_end": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "ended_at": None,
        "schedule": None,
        "items": {
            "object": "list",
            "data": [
                {
                    "id": f"si_{id}",
                    "price": {"id": of.stripe_id},
                    "current_period_start": epoch(period.start),
                    "current_period_end": epoch(period.end),
                }
            ],
        },
        **more,
    }
    return {name: epoch(value) if isinstance(value, datetime) else value for name, value in data.items()}


def a_line(
    of: Price, period: Period, amount: int, *, part: bool = False, sub: str = "sub_1"
) -> dict[str, Any]:
    """A line of an invoice: a whole price, or a part of one."""
    kind = "invoice_item_details" if part else "subscription_item_details"
    return {
        "id": f"il_{of.stripe_id}_{amount}",
        "object": "line_item",
        "amount": amount,
        "parent": {"type": kind, kind: {"proration": part, "subscription": sub}},
        "period": {"start": epoch(period.start), "end": epoch(period.end)},
        "pricing": {"type": "price_details", "price_details": {"price": of.stripe_id}},
    }


def an_invoice(
    user: User,
    lines: Iterable[dict[str, Any]],
    *,
    id: str = "in_1",
    sub: str = "sub_1",
    reason: str = "subscription_create",
    status: str = "paid",
    paid: int | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An invoice; paid in full where `paid` does not say how much money arrived."""
    lines = list(lines)
    total = sum(line["amount"] for line in lines)
    at = min(line["period"]["start"] for line in lines)
    arrived = total if paid is None else paid
    return {
        "id": id,
        "object": "invoice",
        "customer": f"cus_{user.pk.hex}",
        "metadata": {"atelier_user": str(user.pk)} if user else {},
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": sub}},
        "billing_reason": reason,
        "status": status,
        "created": at,
        "currency": "usd",
        "total": total,
        "amount_paid": arrived if status == "paid" else 0,
        "amount_remaining": 0 if status == "paid" else total,
        "attempt_count": 1,
        "next_payment_attempt": None,
        "hosted_invoice_url": f"https://invoice.example/{id}",
        "status_transitions": {"finalized_at": at, "paid_at": at if status == "paid" else None},
        "lines": {"object": "list", "data": lines},
        "payments": {
            "object": "list",
            "data": [
                {
                    "status": "paid",
                    "created": at,
                    "payment": {"payment_intent": {"id": f"pi_{id}", "latest_charge": f"ch_{id}"}},
                }
            ]
            if status == "paid" and arrived
            else [],
        },
        **{name: epoch(value) if isinstance(value, datetime) else value for name, value in more.items()},
    }


def bought(
    user: User, of: Price, period: Period, *, id: str = "in_1", sub: str = "sub_1", **more: Any
) -> dict[str, Any]:
    """An invoice over a whole period."""
    return an_invoice(user, [a_line(of, period, of.amount_cents, sub=sub)], id=id, sub=sub, **more)


def a_checkout(user: User, *, id: str = "cs_1", **more: Any) -> dict[str, Any]:
    """A finished checkout: of a subscription, where `more` does not say otherwise."""
    return {
        "id": id,
        "object": "checkout.session",
        "customer": f"cus_{user.pk.hex}",
        "metadata": {"atelier_user": str(user.pk)},
        "mode": "subscription",
        "status": "complete",
        "payment_status": "paid",
        "amount_total": 2900,
        "currency": "usd",
        "payment_intent": None,
        "created": epoch(now()),
        **more,
    }


def a_schedule(
    of: Price, then: Price, period: Period, *, id: str = "sub_sched_1", sub: str = "sub_1", **more: Any
) -> dict[str, Any]:
    """A schedule by which a subscription changes to another price with the end of the period."""

    def phase(price: Price, start: datetime, end: datetime) -> dict[str, Any]:
        items = [{"price": price.stripe_id, "quantity": 1}]
        return {"items": items, "start_date": epoch(start), "end_date": epoch(end)}

    later = period.end + timedelta(days=30)
    return {
        "id": id,
        "object": "subscription_schedule",
        "status": "active",
        "subscription": sub,
        "released_subscription": None,
        "current_phase": {"start_date": epoch(period.start), "end_date": epoch(period.end)},
        "phases": [phase(of, period.start, period.end), phase(then, period.end, later)],
        **more,
    }


def utc(text: str) -> datetime:
    """A moment in UTC from its ISO form."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
