"""Wallets to move credits in, a clock for their lots, and the proof that all is whole."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from django.db import connection

from credits import ledger, verification
from credits.models import Wallet

_numbers = count(1)


def fresh_key(name="key"):
    """A key that no other call uses."""
    return f"{name}:{next(_numbers)}"


def in_minutes(minutes):
    """That far from now."""
    return datetime.now(UTC) + timedelta(minutes=minutes)


def ownerless_wallet():
    """A wallet as an erased account leaves it: enough for the ledger."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_open_wallet(NULL)")
        return cursor.fetchone()[0]


def funded_wallet(*amounts):
    """A wallet with one bonus lot of each amount."""
    wallet_id = ownerless_wallet()
    for amount in amounts:
        fund(wallet_id, amount)
    return wallet_id


def fund(wallet_id, amount, *, source="bonus", minutes=None, key=None):
    """Grant a lot; an allowance's period begins now and ends in `minutes`."""
    return ledger.grant(
        wallet_id=wallet_id,
        amount=amount,
        source=source,
        key=key or fresh_key("grant"),
        expires_at=None if minutes is None else in_minutes(minutes),
        period_start=in_minutes(0) if source == "allowance" else None,
    )


def hold(wallet_id, amount, *, key=None, turn=None):
    """Hold for an hour, for a turn if given."""
    return ledger.hold(
        wallet_id=wallet_id,
        amount=amount,
        key=key or fresh_key("hold"),
        expires_at=in_minutes(60),
        reference=turn and ledger.Reference("turn", UUID(int=turn)),
    )


def figures(wallet_id):
    """Available and held."""
    wallet = Wallet.objects.get(pk=wallet_id)
    return wallet.available, wallet.held


@contextmanager
def triggers_asleep():
    """Do what the database refuses: for planting defects and for moving the clock."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield cursor
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def travel(minutes):
    """Let `minutes` pass for every lot, hold and period."""
    passed = timedelta(minutes=minutes)
    with triggers_asleep() as cursor:
        for table, columns in (
            ("credits_lot", ("expires_at", "period_start", "created_at")),
            ("credits_hold", ("expires_at", "created_at", "resolved_at")),
            ("credits_wallet", ("period_start", "period_end", "opened_at", "anchor")),
            ("credits_monthlyallowance", ("until", "due_at")),
        ):
            changes = ", ".join(f"{column} = {column} - %s" for column in columns)
            cursor.execute(f"UPDATE {table} SET {changes}", [passed] * len(columns))  # noqa: S608


def assert_whole():
    """Every invariant holds."""
    for invariant, found in verification.verify():
        assert not found, f"{invariant.code} {invariant.rule}: {found[0]}"
