"""What the studio knows and gave in the end, as one value: two ways that lead to the same are equal in it."""

import hashlib
import json
from typing import Any

from accounts.models import Notification, User
from billing import entitlements
from billing.models import Payment, StripeSubscription, Subscription, Trial
from config.common.clock import now
from credits import verification
from credits.models import Entry, Lot, MonthlyAllowance, Wallet


def state_of(user: User) -> dict[str, Any]:
    """Return everything of a user that follows from Stripe, without what differs by the moment of hearing it."""
    wallet = Wallet.objects.get(owner=user)
    return {
        "plans": _rows(
            Subscription.objects.filter(user=user),
            "terms__plan__code", "terms__version", "source", "stripe_id", "allowance", "ends_at",
            current="ended_at",
        ),
        "at_stripe": _rows(
            StripeSubscription.objects.filter(user=user),
            "id", "customer_id", "price__stripe_id", "status", "started_at", "anchor", "period_start", "period_end",
            "paid_until", "waived_until", "trial_end", "cancel_at", "next_price__stripe_id", "next_at",
            "schedule_id", "past_due_since", "attempts", "next_attempt_at", "is_surplus", "ended_at",
        ),
        "payments": _rows(
            Payment.objects.filter(user=user),
            "invoice_id", "checkout_id", "charge_id", "payment_intent_id", "amount_cents", "currency", "fee_cents",
            "subscription_id", "terms__plan__code", "interval", "period_start", "period_end", "product__code",
            "credits", "paid_at",
        ),
        "wallet": [wallet.available, wallet.held, wallet.allowance, wallet.used, str(wallet.anchor)],
        "months": _rows(
            MonthlyAllowance.objects.filter(wallet=wallet), "amount", "rollover_cap", "until", "due_at"
        ),
        "lots": _rows(
            Lot.objects.filter(wallet=wallet), "granted", "remaining", "source", "period_start", "expires_at"
        ),
        "entries": _rows(Entry.objects.filter(wallet=wallet), "kind", "amount", "description"),
        "notices": _rows(Notification.objects.filter(user=user), "kind", "title", "body"),
        "trials": _rows(Trial.objects.all(), "credits"),
    }  # fmt: skip


def hash_of(user: User) -> str:
    """Return the state in one short text."""
    written = json.dumps(state_of(user), sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()


def plan_of(user: User) -> str:
    """The plan in force."""
    entitlements.forget(user)
    return entitlements.entitlements_of(user).plan_code


def available(user: User) -> int:
    """What the user can spend: lots whose time is over count no more, swept or not."""
    return sum(lot.remaining for lot in Lot.objects.filter(wallet=user.wallet).live(at=now()))


def assert_sound() -> None:
    """What a wallet gets is what its plan says, and what the plan is, is what was paid."""
    for rule in verification.invariants():
        if rule.code in ("I01", "I09", "I17", "I18", "I33"):
            assert verification.breaks(rule) == [], rule.rule


def _rows(found: Any, *names: str, current: str = "") -> list[list[str]]:
    rows = found.values_list(*names, *([current] if current else []))
    if current:
        rows = [(*row[:-1], row[-1] is None) for row in rows]
    return sorted([str(value) for value in row] for row in rows)
