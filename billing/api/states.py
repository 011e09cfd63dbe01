"""How a membership is told to programs."""

from typing import Any

from accounts.models import User
from billing.models import Price
from billing.stripe import readings as at_stripe
from billing.subscribing.membership import Membership, State, membership_of

_STATUSES = {
    State.FREE: "active",
    State.GIVEN: "comped",
    State.PAST_DUE: "past_due",
    State.ENDING: "active",
    State.ENDED: "ended",
    State.TRIALING: "trialing",
    State.ACTIVE: "active",
}


def subscription_state(user: User) -> dict[str, Any]:
    """Return what `billing/subscription` says of `user`."""
    member = membership_of(user)
    mine, price = member.mine, member.price
    return {
        "plan": {"code": mine.plan_code, "name": mine.plan_name},
        "status": _STATUSES[member.state],
        "interval": price.interval if price else None,
        "price_usd_cents": price.amount_cents if price else None,
        "renews_at": member.renews_at,
        "cancel_at": member.paid.cancel_at if member.paid else None,
        "trial_ends_at": member.paid.trial_end if member.paid and member.state == State.TRIALING else None,
        "scheduled": _scheduled(member),
        "past_due": _past_due(user, member),
        "terms_version": mine.terms_version,
        "credits_per_month": mine.credits_per_month,
        "allowance": mine.allowance,
        "started_at": mine.started_at,
        "ends_at": mine.ends_at,
    }


def _scheduled(member: Membership) -> dict[str, Any] | None:
    to = member.next_price
    if member.paid is None or to is None:
        return None
    return {
        "plan": _plan(to),
        "interval": to.interval,
        "price_usd_cents": to.amount_cents,
        "at": member.paid.next_at,
    }


def _past_due(user: User, member: Membership) -> dict[str, Any] | None:
    paid = member.paid
    if paid is None or paid.past_due_since is None:
        return None
    unpaid = at_stripe.unpaid_invoice(user, subscription_id=paid.pk)
    return {
        "plan": _plan(paid.price),
        "since": paid.past_due_since,
        "attempts": paid.attempts,
        "next_attempt_at": paid.next_attempt_at,
        "due_usd_cents": unpaid.due_cents if unpaid else None,
        "pay_url": unpaid.url or None if unpaid else None,
    }


def _plan(price: Price) -> dict[str, str]:
    return {"code": price.terms.plan.code, "name": price.terms.name}
