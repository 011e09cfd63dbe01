"""What the ledger does by the clock."""

from datetime import timedelta

import pytest

from credits import ledger, tasks, upkeep
from credits.models import Hold, Wallet
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
    triggers_asleep,
)

pytestmark = pytest.mark.django_db


def test_a_hold_of_dead_work_frees_itself():
    wallet_id = funded_wallet(20)
    dead = ledger.hold(wallet_id=wallet_id, amount=5, key="short", expires_at=in_minutes(5))
    hold(wallet_id, 7)
    assert upkeep.release_overdue() == 0
    travel(6)
    assert upkeep.release_overdue() == 1
    assert not Hold.objects.get(pk=dead.hold_id).is_open
    assert figures(wallet_id) == (13, 7)
    assert upkeep.release_overdue() == 0
    assert_whole()


def test_overdue_work_may_still_settle_until_it_is_freed():
    wallet_id = funded_wallet(20)
    late = ledger.hold(wallet_id=wallet_id, amount=5, key="short", expires_at=in_minutes(5))
    travel(6)
    ledger.settle(hold_id=late.hold_id, amount=4, key="s")
    assert upkeep.release_overdue() == 0
    assert figures(wallet_id) == (16, 0)


def test_a_hold_that_is_settled_meanwhile_is_left_alone(monkeypatch):
    wallet_id = funded_wallet(20)
    late = ledger.hold(wallet_id=wallet_id, amount=5, key="short", expires_at=in_minutes(5))
    travel(6)
    release = ledger.release

    def settle_first(**kwargs):
        ledger.settle(hold_id=late.hold_id, amount=4, key="s")
        return release(**kwargs)

    monkeypatch.setattr(ledger, "release", settle_first)
    assert upkeep.release_overdue() == 0
    assert figures(wallet_id) == (16, 0)


def test_the_sweep_finds_every_wallet_with_something_over():
    first, second, third = (ownerless_wallet() for _ in range(3))
    for wallet_id in (first, second):
        fund(wallet_id, 5, minutes=10)
        fund(wallet_id, 3, minutes=10)
        fund(wallet_id, 2)
    fund(third, 4, minutes=30)
    travel(11)
    assert upkeep.sweep_expired() == 2
    assert [figures(w) for w in (first, second, third)] == [(2, 0), (2, 0), (4, 0)]
    assert upkeep.sweep_expired() == 0
    assert_whole()


def test_the_frequent_sweep_looks_at_recent_lots_only():
    wallet_id = ownerless_wallet()
    fund(wallet_id, 5, minutes=10)
    travel(3 * 24 * 60)
    assert upkeep.sweep_expired(within=timedelta(days=2)) == 0
    assert upkeep.sweep_expired() == 1


def test_the_clocks_tasks_free_sweep_and_park():
    wallet_id, drifted = ownerless_wallet(), funded_wallet(9)
    fund(wallet_id, 5, minutes=10)
    travel(11)
    with triggers_asleep() as cursor:
        cursor.execute("UPDATE credits_wallet SET available = available + 1 WHERE id = %s", [drifted])
    tasks.keep_ledger()
    assert figures(wallet_id) == (0, 0)
    tasks.verify_ledger()
    assert Wallet.objects.get(pk=drifted).parked_at is not None
    assert Wallet.objects.get(pk=wallet_id).parked_at is None


def test_sweeps_and_releases_cost_the_same_for_one_and_for_three(django_assert_num_queries):
    """One query to find them, one movement each."""
    for wallets in (1, 3):
        for _ in range(wallets):
            fund(ownerless_wallet(), 5, minutes=10, key=fresh_key())
        travel(11)
        with django_assert_num_queries(1 + wallets):
            upkeep.sweep_expired()
