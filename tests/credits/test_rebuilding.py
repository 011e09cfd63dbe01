"""A26: what wallets, lots and holds show, dropped and computed anew from the journal, byte for byte."""

import random
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from credits import ledger, parking, rebuilding
from credits.models import Hold, Lot, Wallet
from tests.credits.books import (
    assert_whole,
    fresh_key,
    fund,
    funded_wallet,
    hold,
    ownerless_wallet,
    travel,
    triggers_asleep,
)

pytestmark = pytest.mark.django_db

TABLES = ("credits_wallet", "credits_lot", "credits_hold")
DROP = (
    """UPDATE credits_wallet SET available = 0, held = 0, allowance = 0, used = 0, period_start = NULL,
       period_end = NULL, seq = 0, head = ''""",
    "UPDATE credits_lot SET remaining = 0",
    "UPDATE credits_hold SET settled = NULL, resolved_at = NULL, refunded = 0",
)


def picture():
    """Every byte of every row that is a projection."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY id")  # noqa: S608
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


def drop():
    """Forget everything that the journal can tell."""
    connection.check_constraints()
    with triggers_asleep() as cursor:
        for statement in DROP:
            cursor.execute(statement)


def rebuild():
    """Rebuild everything; how many rows of each wallet were wrong."""
    return {found.wallet_id: found.corrected for found in rebuilding.rebuild()}


def live(seed, steps=60):
    """A wallet to which everything happens, in some order."""
    chance = random.Random(seed)
    wallet_id = ownerless_wallet()
    fund(wallet_id, 60, source="allowance", minutes=chance.choice([8, 600]))
    settled = []
    for _ in range(steps):
        act = chance.choice(
            ["fund", "hold", "settle", "release", "refund", "expire", "adjust", "claw", "pass"]
        )
        free = Wallet.objects.values_list("available", flat=True).get(pk=wallet_id)
        opened = list(Hold.objects.filter(wallet=wallet_id, resolved_at=None))
        try:
            if act == "fund":
                fund(
                    wallet_id, chance.randint(1, 30), source="purchase", minutes=chance.choice([None, 5, 90])
                )
            elif act == "hold" and free:
                hold(wallet_id, chance.randint(1, free))
            elif act == "settle" and opened:
                done = chance.choice(opened)
                spent = chance.randint(0, done.amount)
                ledger.settle(hold_id=done.pk, amount=spent, key=fresh_key())
                settled.append(done.pk)
            elif act == "release" and opened:
                ledger.release(hold_id=chance.choice(opened).pk, key=fresh_key())
            elif act == "refund" and settled:
                ledger.refund(hold_id=chance.choice(settled), amount=chance.randint(1, 9), key=fresh_key())
            elif act == "expire":
                ledger.expire(wallet_id=wallet_id, key=fresh_key())
            elif act == "adjust":
                amount = chance.choice([-3, 4])
                ledger.adjust(wallet_id=wallet_id, amount=amount, key=fresh_key(), description="why")
            elif act == "claw":
                lots = list(Lot.objects.filter(wallet=wallet_id).values_list("pk", flat=True))
                taken = ledger.clawback(
                    wallet_id=wallet_id, lot_ids=lots[-2:], amount=9, key=fresh_key(), description="why"
                )
                if taken and chance.random() < 0.5:
                    ledger.restore(entry_id=taken.entry_id, description="why")
        except (ledger.InsufficientCredits, ledger.RefundExceeded):
            pass
    return wallet_id


@pytest.mark.parametrize("seed", range(8))
def test_what_was_dropped_comes_back_byte_for_byte(seed):
    live(seed)
    live(seed + 100)
    assert_whole()
    before = picture()
    drop()
    assert picture() != before
    rebuild()
    assert picture() == before
    assert_whole()


def test_what_expired_and_came_back_late_is_rebuilt():
    wallet_id = ownerless_wallet()
    fund(wallet_id, 10, source="allowance", minutes=10)
    fund(wallet_id, 10)
    held = hold(wallet_id, 14)
    travel(11)
    ledger.expire(wallet_id=wallet_id, key="sweep")
    ledger.settle(hold_id=held.hold_id, amount=3, key="s")
    ledger.refund(hold_id=held.hold_id, amount=1, key="r")
    before = picture()
    drop()
    rebuild()
    after = picture()
    assert after["credits_wallet"] == before["credits_wallet"]
    assert after["credits_lot"] == before["credits_lot"]


def test_what_is_right_is_not_written():
    wallet_id = live(3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM credits_wallet WHERE id = %s", [wallet_id])
        before = cursor.fetchone()
        assert rebuild()[wallet_id] == 0
        cursor.execute("SELECT xmin::text FROM credits_wallet WHERE id = %s", [wallet_id])
        assert cursor.fetchone() == before


def test_a_wallet_with_nothing_is_rebuilt_to_nothing():
    wallet_id = ownerless_wallet()
    before = picture()
    drop()
    rebuild()
    assert picture() == before
    assert Wallet.objects.get(pk=wallet_id).balance == 0


def test_a_broken_journal_is_left_as_it_is():
    wallet_id, sound = funded_wallet(5), funded_wallet(6)
    with triggers_asleep() as cursor:
        cursor.execute("UPDATE credits_entry SET amount = 9 WHERE wallet_id = %s", [wallet_id])
        cursor.execute("UPDATE credits_wallet SET available = 1")
    found = rebuild()
    assert (found[wallet_id], found[sound]) == (-1, 1)
    figures = dict(Wallet.objects.filter(pk__in=[wallet_id, sound]).values_list("pk", "available"))
    assert figures == {wallet_id: 1, sound: 6}


def test_a_parked_wallet_is_put_right_and_works_again(olga):
    """A22, from the drift to the end."""
    wallet = Wallet.objects.get(pk=funded_wallet(5))
    with triggers_asleep() as cursor:
        cursor.execute("UPDATE credits_wallet SET available = available + 1 WHERE id = %s", [wallet.pk])
    parking.park_drifted()
    said = StringIO()
    call_command("rebuild_projections", "--wallet", str(wallet.pk), stdout=said)
    assert said.getvalue().splitlines() == [
        f"wallet {wallet.pk}: 1 row(s) put right",
        "1 wallet(s) as the journal says, 1 put right.",
    ]
    assert Wallet.objects.get(pk=wallet.pk).parked_at is not None
    parking.unpark(wallet=wallet, reason="Put right from the journal", actor=olga)
    hold(wallet.pk, 5)


def test_the_command_fails_where_a_journal_is_broken():
    wallet_id = funded_wallet(5)
    with triggers_asleep() as cursor:
        cursor.execute("UPDATE credits_entry SET amount = 9 WHERE wallet_id = %s", [wallet_id])
    said = StringIO()
    with pytest.raises(CommandError, match="1 journal"):
        call_command("rebuild_projections", stdout=said)
    assert f"wallet {wallet_id}: its journal is broken" in said.getvalue()
    with pytest.raises(CommandError, match="no wallet"):
        call_command("rebuild_projections", "--wallet", "0")
