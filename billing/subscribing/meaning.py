"""What a subscription at Stripe, its schedule and its customer mean for the studio."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from billing import notices
from billing.models import Price, StripeSubscription
from billing.stripe import mirror, payers
from billing.stripe.prices import price_at_stripe
from billing.stripe.shapes import id_of, is_deleted, moment, moment_or_none, period_of, price_of
from billing.subscribing import dunning, entitling, surplus, switching, trials

_IN_ORDER = ("trialing", "active")


@transaction.atomic
def subscription(*, data: dict[str, Any], at: datetime) -> None:
    """Keep what Stripe says of a subscription, and put its user on the plan that follows from it.

    Grants nothing but a trial's credits. A second live one of a user is surplus: it gives nothing and is
    undone. That of a customer who is not ours is passed over. Missing where its price is none of ours.
    """
    known = StripeSubscription.objects.filter(pk=data["id"]).select_related("user").first()
    user = known.user if known else payers.payer_of(data)
    if known is None and (user is None or is_deleted(data)):
        return
    if user is not None:
        switching.lock(user)
    before = StripeSubscription.objects.filter(pk=data["id"]).first()
    row = _read(data, user=user, at=at)
    row.is_surplus = row.is_surplus or surplus.is_second(row)
    row.count_payments()
    row.save()
    if row.is_surplus:
        surplus.undo(row)
    elif user is not None:
        entitling.follow_payments(user=user)
        trials.begin(row)
        notices.subscription_turned(before=before, after=row, at=at)


@transaction.atomic
def schedule(*, data: dict[str, Any], at: datetime) -> None:
    """Keep which price a subscription changes to by itself, and when; forget it where nothing is planned."""
    found = id_of(data.get("subscription")) or id_of(data.get("released_subscription"))
    row = StripeSubscription.objects.locked().filter(pk=found).first()
    if row is None or row.schedule_id not in ("", data["id"]):
        return
    runs = data.get("status") in ("not_started", "active")
    row.schedule_id = data["id"] if runs else ""
    row.next_price, row.next_at = _planned(data, row) if runs else (None, None)
    row.save(update_fields=["schedule_id", "next_price", "next_at"])
    notices.change_planned(row)


@transaction.atomic
def customer(*, data: dict[str, Any], at: datetime) -> None:
    """Take whoever's customer was deleted at Stripe off what they paid for; their credits stay."""
    if not is_deleted(data):
        return
    for row in StripeSubscription.objects.filter(customer_id=data["id"], revoked_at=None):
        if row.user is not None:
            switching.lock(row.user)
        row.status = "canceled" if row.is_live else row.status
        row.revoked_at, row.ended_at = at, row.ended_at or at
        row.save(update_fields=["status", "revoked_at", "ended_at"])
        if row.user is not None:
            entitling.follow_payments(user=row.user)


def register() -> None:
    """Have Stripe's objects mean this."""
    mirror.meaning("customer.subscription", subscription)
    mirror.meaning("subscription_schedule", schedule)
    mirror.meaning("customer", customer)


def _read(data: Mapping[str, Any], *, user: User | None, at: datetime) -> StripeSubscription:
    """Return the row as `data` makes it; not saved."""
    known = StripeSubscription.objects.locked().filter(pk=data["id"]).first()
    if known is not None and is_deleted(data):
        known.status, known.ended_at = "canceled", known.ended_at or at
        return known
    row = known or StripeSubscription(pk=data["id"], user=user)
    period = period_of(data)
    row.customer_id = id_of(data["customer"]) or ""
    row.price, row.status = price_at_stripe(price_of(data)), data["status"]
    row.started_at, row.anchor = moment(data["start_date"]), moment(data["billing_cycle_anchor"])
    row.period_start, row.period_end = period.start, period.end
    row.trial_end, row.ended_at = moment_or_none(data.get("trial_end")), moment_or_none(data.get("ended_at"))
    ends_with_period = period.end if data.get("cancel_at_period_end") else None
    row.cancel_at = moment_or_none(data.get("cancel_at")) or ends_with_period
    if row.status == "trialing":
        row.waive(until=row.trial_end)
    if row.status in _IN_ORDER:
        dunning.note_recovery(row)
    _read_schedule(row, id_of(data.get("schedule")) or "", is_new=known is None)
    return row


def _read_schedule(row: StripeSubscription, schedule_id: str, *, is_new: bool) -> None:
    """Keep or forget what is planned. A schedule itself says what it plans: it is needed first."""
    if schedule_id and schedule_id != row.schedule_id and not is_new:
        raise mirror.Needs(schedule_id)
    row.schedule_id = schedule_id if not is_new else ""
    if not schedule_id or (row.next_at is not None and row.period_start >= row.next_at):
        row.next_price, row.next_at = None, None


def _planned(data: Mapping[str, Any], row: StripeSubscription) -> tuple[Price | None, datetime | None]:
    """Return the price of the phase that comes next and when it begins; none where nothing changes."""
    current = data.get("current_phase") or {}
    begins = int(current.get("end_date") or 0)
    coming = [phase for phase in data["phases"] if int(phase["start_date"]) >= begins > 0]
    if not coming:
        return None, None
    phase = min(coming, key=lambda each: int(each["start_date"]))
    price = price_at_stripe(id_of(phase["items"][0]["price"]) or "")
    return (None, None) if price == row.price else (price, moment(phase["start_date"]))
