"""Changing a plan that is paid for: up at once, down with the period's end, ending it, and back."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from djstripe.models import Subscription as Copy

from accounts.models import User
from billing.models import Price, StripeRequest, StripeSubscription
from billing.services import standing
from billing.services.keys import request_key
from billing.stripe import gateway, mirror
from billing.stripe.discounts import discounts_at, less
from billing.stripe.shapes import discounts_of_phase, id_of, item_of, moment
from config.common.clock import now
from config.common.errors import Conflict, DomainError
from config.common.figures import day

PREVIEW_HOLDS = timedelta(hours=1)
"""How long an upgrade can be agreed to at the price that its preview showed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a change costs, in cents.

    An upgrade takes `due_now_cents` at once; what is left of the running period, `credit_cents`, is taken
    off already, as of `proration_date`. Any other change takes nothing now. `next_cents` are due at
    `next_at`: the price less the discounts that then still last, before what the user has left at Stripe.
    """

    due_now_cents: int
    credit_cents: int
    next_cents: int
    next_at: datetime
    proration_date: datetime | None
    is_upgrade: bool


def is_upgrade(*, old: Price, new: Price) -> bool:
    """Tell whether a change is one to more, which begins at once.

    To a greater plan, or from months to years of the same. From years to months is never one: the year that
    is paid for runs out first.
    """
    if old.interval == Price.Interval.YEAR and new.interval == Price.Interval.MONTH:
        return False
    if new.terms.plan.rank != old.terms.plan.rank:
        return new.terms.plan.rank > old.terms.plan.rank
    return old.interval != new.interval


def preview(*, user: User, plan: str, interval: str) -> Preview:
    """Return what changing to `plan` costs, and when. Asks Stripe, changes nothing.

    Raises what `apply` raises.
    """
    live, new = _to_change(user, plan=plan, interval=interval)
    if live.status == "trialing":
        return _at_no_cost(live, new, live.trial_end or live.period_end, is_upgrade=True)
    if not is_upgrade(old=live.price, new=new):
        return _at_no_cost(live, new, live.period_end, is_upgrade=False)
    since = min(max(now(), live.period_start), live.period_end).replace(microsecond=0)
    invoice = gateway.preview_invoice(
        {
            "subscription": live.pk,
            "subscription_details": {
                "items": [_item(live, new)],
                "proration_behavior": "always_invoice",
                "proration_date": int(since.timestamp()),
            },
        }
    )
    lines = invoice["lines"]["data"]
    begins_anew = live.price.interval != new.interval
    ends = max(int(line["period"]["end"]) for line in lines)
    next_at = moment(ends) if begins_anew else live.period_end
    return Preview(
        due_now_cents=int(invoice["amount_due"]),
        credit_cents=-sum(int(line["amount"]) for line in lines if line["amount"] < 0),
        next_cents=_renewal(live, new, next_at, after_another=begins_anew),
        next_at=next_at,
        proration_date=since,
        is_upgrade=True,
    )


def apply(*, user: User, plan: str, interval: str, proration_date: datetime | None, key: str) -> None:
    """Change to `plan` (its code) by `interval`: to more at once, to less with the end of the period.

    `proration_date` is what the preview showed: an upgrade costs what was agreed to, or nothing happens. What
    cannot be paid changes nothing. The same key changes once.

    Raises NotSubscribed, PaymentDue, Invalid for a plan that is not sold, Conflict for the plan there is, one
    that is cancelled, and a preview that is too old; Declined, and what else the gateway raises.
    """
    if _is_done(request_key(user, key, "change")):
        return
    live, new = _to_change(user, plan=plan, interval=interval)
    if live.schedule_id:
        _release(live, user, key)
    if live.status == "trialing":
        _change_now(live, new, user, key, proration_behavior="none")
    elif is_upgrade(old=live.price, new=new):
        since = _agreed(live, new, proration_date)
        _change_now(
            live,
            new,
            user,
            key,
            proration_behavior="always_invoice",
            payment_behavior="error_if_incomplete",
            proration_date=int(since.timestamp()),
        )
    else:
        _change_later(live, new, user, key)


def undo(*, user: User, key: str) -> None:
    """Take back a change that was to come with the end of the period; Conflict where none was."""
    if _is_done(request_key(user, key, "release")):
        return
    live = standing.subscription_to_change(user)
    if not live.schedule_id:
        raise Conflict("No change is planned: there is nothing to take back.")
    _release(live, user, key)
    _look_again(live.pk)


def cancel(*, user: User, key: str) -> None:
    """Let the plan end with the time that is paid for, where it does not yet. NotSubscribed for none."""
    live = standing.subscription_to_change(user)
    if live.cancel_at is not None:
        return
    if live.schedule_id:
        _release(live, user, key)
    _set_end(live, user, key=request_key(user, key, "cancel"), how={"cancel_at_period_end": True})


def resume(*, user: User, key: str) -> None:
    """Let a cancelled plan go on; nothing where it does. NotSubscribed where it is over."""
    live = standing.subscription_to_change(user)
    if live.cancel_at is None:
        return
    # Stripe's portal sets `cancel_at` alone, and `cancel_at_period_end` false would leave it as it is.
    by_flag = Copy.objects.get(id=live.pk).stripe_data.get("cancel_at_period_end")
    how: dict[str, Any] = {"cancel_at_period_end": False} if by_flag else {"cancel_at": ""}
    _set_end(live, user, key=request_key(user, key, "resume"), how=how)


def _to_change(user: User, *, plan: str, interval: str) -> tuple[StripeSubscription, Price]:
    """Return what `user` has and what they may change to."""
    new = standing.price_on_sale(plan=plan, interval=interval)
    live = standing.subscription_to_change(user)
    standing.refuse_debtor(live)
    name = live.price.terms.name
    if live.price.terms.plan == new.terms.plan and live.price.interval == new.interval:
        raise Conflict(f"You have {name} already, paid by the {live.price.interval}.")
    if live.cancel_at is not None:
        raise Conflict(f"You have cancelled {name} for {day(live.cancel_at)}. Keep it first, then change it.")
    return live, new


def _at_no_cost(live: StripeSubscription, new: Price, at: datetime, *, is_upgrade: bool) -> Preview:
    return Preview(
        due_now_cents=0,
        credit_cents=0,
        next_cents=_renewal(live, new, at),
        next_at=at,
        proration_date=None,
        is_upgrade=is_upgrade,
    )


def _renewal(live: StripeSubscription, new: Price, at: datetime, *, after_another: bool = False) -> int:
    """Return what the new price is at `at`, with the discounts that the subscription then still has."""
    data, product = Copy.objects.get(id=live.pk).stripe_data, new.terms.plan.stripe_id
    return less(new.amount_cents, discounts_at(data, at, product=product, after_another=after_another))


def _agreed(live: StripeSubscription, new: Price, proration_date: datetime | None) -> datetime:
    """Return the moment that a preview was reckoned for; Conflict where it no longer holds."""
    if (
        proration_date is None
        or now() - proration_date > PREVIEW_HOLDS
        or not live.period_start <= proration_date <= live.period_end
    ):
        raise Conflict(
            "What this costs has changed since you saw it. Look at it again, then agree.",
            details={"change": {"plan": new.terms.plan.code, "interval": new.interval}},
        )
    return proration_date


def _change_now(live: StripeSubscription, new: Price, user: User, key: str, **how: Any) -> None:
    changed = gateway.request(
        operation="subscription.update",
        key=request_key(user, key, "change"),
        target=live.pk,
        parameters={
            "items": [_item(live, new)],
            "metadata": {"atelier_plan": new.terms.plan.code, "atelier_price": str(new.pk)},
            **how,
        },
        user=user,
    )
    _look_again(live.pk, id_of(changed.get("latest_invoice")))


def _change_later(live: StripeSubscription, new: Price, user: User, key: str) -> None:
    """Have a schedule change the price with the end of the period, and let go of the subscription then."""
    made = gateway.request(
        operation="subscription_schedule.create",
        key=request_key(user, key, "schedule"),
        parameters={"from_subscription": live.pk},
        user=user,
    )
    present = made["phases"][0]
    # A phase has the discounts that it names and no others, whatever the subscription had.
    discounts = discounts_of_phase(present)
    kept: dict[str, Any] = {"discounts": discounts} if discounts else {}
    gateway.request(
        operation="subscription_schedule.update",
        key=request_key(user, key, "change"),
        target=made["id"],
        parameters={
            "end_behavior": "release",
            "proration_behavior": "none",
            "phases": [
                {
                    **kept,
                    "items": [{"price": live.price.stripe_id, "quantity": 1}],
                    "start_date": present["start_date"],
                    "end_date": int(live.period_end.timestamp()),
                },
                {
                    **kept,
                    "items": [{"price": new.stripe_id, "quantity": 1}],
                    "duration": {"interval": new.interval, "interval_count": 1},
                    "proration_behavior": "none",
                },
            ],
        },
        user=user,
    )
    _look_again(made["id"], live.pk)


def _release(live: StripeSubscription, user: User, key: str) -> None:
    """Let the subscription go on as it is, whatever was planned."""
    gateway.request(
        operation="subscription_schedule.release",
        key=request_key(user, key, "release"),
        target=live.schedule_id,
        parameters={},
        user=user,
    )
    _look_again(live.schedule_id)


def _set_end(live: StripeSubscription, user: User, *, key: str, how: dict[str, Any]) -> None:
    gateway.request(
        operation="subscription.update",
        key=key,
        target=live.pk,
        parameters=how,
        user=user,
    )
    _look_again(live.pk)


def _item(live: StripeSubscription, new: Price) -> dict[str, Any]:
    """Return the one item of the subscription, at another price."""
    return {"id": item_of(Copy.objects.get(id=live.pk).stripe_data)["id"], "price": new.stripe_id}


def _is_done(key: str) -> bool:
    return StripeRequest.objects.filter(key=key, state=StripeRequest.State.DONE).exists()


def _look_again(*object_ids: str | None) -> None:
    """Bring the studio to what Stripe says now; where that fails, its events will."""
    for object_id in filter(None, object_ids):
        with suppress(DomainError):
            mirror.refresh(object_id)
