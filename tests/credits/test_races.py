"""What happens when everybody moves at once: real threads, real transactions, real locks."""

import random
import time

import pytest
from django.db import connection, transaction

from credits import ledger
from credits.models import Entry, Hold, Lot, Wallet
from tests.credits.books import (
    assert_whole,
    figures,
    fresh_key,
    fund,
    funded_wallet,
    hold,
    in_minutes,
    ownerless_wallet,
    travel,
)
from tests.credits.races import at_once, kinds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def figure(fast, full):
    """A number of repetitions: a few always, all in the full form."""
    return pytest.mark.parametrize(
        "times", [pytest.param(fast, id="fast"), pytest.param(full, marks=pytest.mark.slow, id="full")]
    )


@figure(1, 20)
def test_parallel_holds_admit_exactly_what_is_there(times):
    """A01: 16 threads x 40 attempts at one credit, 200 credits."""
    for _ in range(times):
        wallet_id = funded_wallet(150, 50)

        def forty(wallet_id=wallet_id):
            admitted = 0
            for _ in range(40):
                try:
                    hold(wallet_id, 1)
                except ledger.InsufficientCredits:
                    continue
                admitted += 1
            return admitted

        results = at_once(*[forty] * 16)
        assert kinds(results) == []
        assert sum(results) == 200
        assert figures(wallet_id) == (0, 200)
    assert_whole()


@figure(5, 100)
def test_clawbacks_race_for_what_is_free(times):
    """Clawbacks of one lot, holds on it and what these return, all at once: each credit goes one way."""
    for _ in range(times):
        wallet_id = funded_wallet(60)
        lots = list(Lot.objects.filter(wallet=wallet_id).values_list("pk", flat=True))

        def claw(wallet_id=wallet_id, lots=lots):
            moved = ledger.clawback(
                wallet_id=wallet_id, lot_ids=lots, amount=40, key=fresh_key(), description="Refunded"
            )
            return -moved.amount if moved else 0

        def spend(wallet_id=wallet_id):
            try:
                held = hold(wallet_id, 20)
            except ledger.InsufficientCredits:
                return 0
            return -ledger.settle(hold_id=held.hold_id, amount=15, key=fresh_key()).amount

        results = at_once(*[claw, spend] * 4)
        assert kinds(results) == []
        available, held = figures(wallet_id)
        assert (held, available + sum(results)) == (0, 60)
    assert_whole()


def naive_hold(wallet_id):
    """Look, then take: what the ledger does not do."""
    with transaction.atomic():
        available = Wallet.objects.get(pk=wallet_id).available
        if available < 1:
            return 0
        time.sleep(0.0005)  # the time that any work between looking and taking needs
        Wallet.objects.filter(pk=wallet_id).update(available=available - 1)
    return 1


def test_the_race_would_catch_a_ledger_without_its_lock():
    """The positive control: check-then-write under the same load spends credits that do not exist."""
    wallet_id = funded_wallet(20)
    taken = sum(at_once(*[lambda: sum(naive_hold(wallet_id) for _ in range(10))] * 16))
    assert taken > 20


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_no_isolation_level_overspends(isolation):
    """Above READ COMMITTED the database itself may refuse to serialise; it never lets too much through."""
    wallet_id = funded_wallet(10)

    def take():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
            return hold(wallet_id, 4)

    results = at_once(*[take] * 8)
    admitted = sum(isinstance(result, ledger.HoldResult) for result in results)
    assert 1 <= admitted <= 2
    if isolation == "read committed":
        assert kinds(results) == ["InsufficientCredits"] * 6
    assert figures(wallet_id) == (10 - 4 * admitted, 4 * admitted)
    assert_whole()


@figure(10, 100)
def test_one_key_is_one_hold(times):
    """A02: the same call from fifty places at once."""
    for _ in range(times):
        wallet_id, key = funded_wallet(100), fresh_key()
        results = at_once(*[lambda w=wallet_id, k=key: hold(w, 3, key=k)] * (50 if times > 10 else 16))
        assert len({result.hold_id for result in results}) == 1
        assert [result.replayed for result in results].count(False) == 1
        assert figures(wallet_id) == (97, 3)
    assert_whole()


@figure(10, 100)
def test_one_key_for_two_things_is_one_of_them(times):
    """A03."""
    for _ in range(times):
        wallet_id, key = funded_wallet(100), fresh_key()
        results = at_once(*[lambda n=n, w=wallet_id, k=key: hold(w, 3, key=k, turn=n) for n in range(1, 5)])
        assert kinds(results) == ["IdempotencyConflict"] * 3
        assert figures(wallet_id) == (97, 3)
    assert_whole()


@figure(15, 200)
def test_settlements_and_releases_race_for_one_resolution(times):
    """A04."""
    wallet_id = funded_wallet(10_000)
    chance = random.Random(4)
    for _ in range(times):
        held = hold(wallet_id, 10)
        amounts = [chance.randrange(11) for _ in range(4)]
        jobs = [
            lambda h=held.hold_id, n=n: ledger.settle(hold_id=h, amount=n, key=fresh_key()) for n in amounts
        ] + [lambda h=held.hold_id: ledger.release(hold_id=h, key=fresh_key())] * 4
        assert kinds(at_once(*jobs)) == ["HoldResolved"] * 7
    assert not Hold.objects.open().exists()
    assert_whole()


@figure(5, 50)
def test_partial_refunds_race_for_what_was_paid(times):
    """A08: twenty times 60 % of the same work: one."""
    for _ in range(times):
        wallet_id = funded_wallet(100)
        held = hold(wallet_id, 10)
        ledger.settle(hold_id=held.hold_id, amount=10, key=fresh_key())
        jobs = [lambda h=held.hold_id: ledger.refund(hold_id=h, amount=6, key=fresh_key())] * 20
        assert kinds(at_once(*jobs)) == ["RefundExceeded"] * 19
        assert figures(wallet_id) == (96, 0)
    assert_whole()


@figure(5, 20)
def test_a_repeated_refund_is_one(times):
    """A09: fifty times the same key."""
    for _ in range(times):
        wallet_id, key = funded_wallet(100), fresh_key()
        held = hold(wallet_id, 10)
        ledger.settle(hold_id=held.hold_id, amount=10, key=fresh_key())
        jobs = [lambda h=held.hold_id, k=key: ledger.refund(hold_id=h, amount=2, key=k)] * 50
        assert len({result.entry_id for result in at_once(*jobs)}) == 1
        assert figures(wallet_id) == (92, 0)
    assert_whole()


@figure(20, 500)
def test_a_sweep_races_with_a_hold(times):
    """A12: the lot is swept or was drawn from before its end, never both."""
    for _ in range(times):
        wallet_id = ownerless_wallet()
        fund(wallet_id, 10, minutes=0.0003)  # 18 ms: over at about the moment of the race
        results = at_once(
            lambda w=wallet_id: hold(w, 10), lambda w=wallet_id: ledger.expire(wallet_id=w, key=fresh_key())
        )
        drawn, swept = isinstance(results[0], ledger.HoldResult), results[1] is not None
        assert not (drawn and swept)
        assert figures(wallet_id) == ((0, 10) if drawn else (0, 0) if swept else (10, 0))
        travel(1)
        ledger.expire(wallet_id=wallet_id, key=fresh_key())
    assert_whole()


def test_one_grant_key_races_between_two_wallets():
    first, second, key = ownerless_wallet(), ownerless_wallet(), fresh_key()
    results = at_once(
        *[lambda w=w: fund(w, 5, key=key) for w in [first, second] * 8],
    )
    assert kinds(results) == ["IdempotencyConflict"] * 8
    assert Lot.objects.count() == 1
    assert_whole()


def test_two_beats_grant_one_allowance():
    """A14, the ledger's part: one lot for a wallet's period, whatever the keys."""
    wallet_id = ownerless_wallet()
    start, end = in_minutes(0), in_minutes(60)
    jobs = [
        lambda: ledger.grant(
            wallet_id=wallet_id,
            amount=20,
            source="allowance",
            key=fresh_key(),
            period_start=start,
            expires_at=end,
        )
    ] * 12
    assert kinds(at_once(*jobs)) == ["AllowanceGranted"] * 11
    assert figures(wallet_id) == (20, 0)
    assert_whole()


def test_everything_at_once_stays_whole():
    """Grants, holds, settlements, releases, refunds and sweeps on three wallets, sixteen threads."""
    wallets = [funded_wallet(40) for _ in range(3)]

    def busy(seed):
        chance = random.Random(seed)
        for _ in range(15):
            wallet_id = chance.choice(wallets)
            fund(wallet_id, chance.randrange(1, 5), minutes=chance.choice([None, 0.0001, 5]))
            try:
                held = hold(wallet_id, chance.randrange(1, 12))
            except ledger.InsufficientCredits:
                ledger.expire(wallet_id=wallet_id, key=fresh_key())
                continue
            if chance.random() < 0.2:
                ledger.release(hold_id=held.hold_id, key=fresh_key())
                continue
            paid = chance.randrange(held.amount + 1)
            ledger.settle(hold_id=held.hold_id, amount=paid, key=fresh_key())
            if paid > 1:
                ledger.refund(hold_id=held.hold_id, amount=paid // 2, key=fresh_key())

    assert kinds(at_once(*[lambda n=n: busy(n) for n in range(16)])) == []
    assert Entry.objects.count() > 16 * 15
    assert_whole()
