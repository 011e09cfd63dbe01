"""Wallets that get credits every month."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection

from credits import ledger, resets
from credits.models import Lot, MonthlyAllowance, Wallet
from tests.credits.books import ownerless_wallet, travel

ANCHOR = datetime(2024, 1, 31, 17, 45, 12, 345678, tzinfo=UTC)
PLAN = UUID(int=7)


def monthly(amount=20, *, rollover_cap=0, until=None):
    """What a plan gives."""
    return resets.Monthly(
        amount=amount,
        rollover_cap=rollover_cap,
        until=until,
        reference=ledger.Reference("subscription", PLAN),
        description="Credits of the month",
    )


def monthly_wallet(amount=20, *, anchor=ANCHOR, **terms):
    """A wallet whose first month is due at `anchor`."""
    wallet_id = ownerless_wallet()
    resets.arrange(wallet_id=wallet_id, monthly=monthly(amount, **terms), anchor=anchor, due_at=anchor)
    return wallet_id


def running_wallet(amount=20, **terms):
    """A wallet whose month has just begun, by the real clock."""
    wallet_id = monthly_wallet(amount, anchor=datetime.now(UTC) - timedelta(seconds=1), **terms)
    assert resets.begin(wallet_id=wallet_id)
    return wallet_id


def minutes_left(wallet_id):
    """Whole minutes until the wallet's month is over."""
    return (Wallet.objects.get(pk=wallet_id).period_end - datetime.now(UTC)) // timedelta(minutes=1)


def travel_on(minutes):
    """Let `minutes` pass; months are not equally long, so each wallet's next one is made to begin where its last ends."""
    travel(minutes)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE credits_wallet SET anchor = period_end WHERE period_end IS NOT NULL")


def travel_past_the_month(wallet_id):
    """Let time pass until the wallet's next month is due."""
    travel_on(minutes_left(wallet_id) + 2)


def due_at(wallet_id):
    """When the wallet's next month begins."""
    return MonthlyAllowance.objects.get(pk=wallet_id).due_at


def allowances(wallet_id):
    """The wallet's allowances in the order of their grants."""
    return list(Lot.objects.filter(wallet=wallet_id, source="allowance").order_by("id"))
