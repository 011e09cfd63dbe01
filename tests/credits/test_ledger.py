"""The typed door: what each movement does to wallet, lots and journal, and what it refuses."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from config.common.errors import Missing
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

pytestmark = pytest.mark.django_db


def remains(wallet_id):
    """What each lot has left, oldest first."""
    return list(Lot.objects.filter(wallet=wallet_id).order_by("id").values_list("remaining", flat=True))


def test_an_account_opens_with_a_wallet(alice):
    wallet = Wallet.objects.of(alice).get()
    assert wallet == alice.wallet
    assert ledger.open_wallet(owner_id=alice.pk) == wallet.pk


def test_a_superuser_has_a_wallet(django_user_model):
    operator = django_user_model.objects.create_superuser("olga@example.com", "a long passphrase")
    assert Wallet.objects.of(operator).get().pk == operator.wallet.pk


def test_an_erased_account_leaves_its_ledger(django_user_model):
    user = django_user_model.objects.create_user("eve@example.com")
    wallet_id = user.wallet.pk
    fund(wallet_id, 7)
    user.delete()
    wallet = Wallet.objects.get(pk=wallet_id)
    assert (wallet.owner, wallet.balance) == (None, 7)
    assert_whole()


def test_grant_adds_a_lot_and_an_entry():
    wallet_id = ownerless_wallet()
    actor, cause = uuid4(), ledger.Reference("invoice", uuid4())
    moved = ledger.grant(
        wallet_id=wallet_id,
        amount=100,
        source="purchase",
        key="order:1",
        reference=cause,
        actor_id=actor,
        description="100 credits",
    )
    entry = Entry.objects.get(pk=moved.entry_id)
    assert (entry.kind, entry.amount, entry.held_change, entry.balance_after, entry.seq) == (
        "grant",
        100,
        0,
        100,
        1,
    )
    assert (entry.reference_kind, entry.reference_id, entry.actor_id) == (*cause, actor)
    assert entry.description == "100 credits"
    lot = Lot.objects.get(pk=moved.lot_id)
    assert (lot.source, lot.granted, lot.remaining, lot.expires_at) == ("purchase", 100, 100, None)
    assert figures(wallet_id) == (100, 0)


def test_an_allowance_opens_the_wallets_period():
    wallet_id = ownerless_wallet()
    start, end = in_minutes(-5), in_minutes(60)
    ledger.grant(
        wallet_id=wallet_id, amount=20, source="allowance", key="a", period_start=start, expires_at=end
    )
    spent = hold(wallet_id, 5)
    ledger.settle(hold_id=spent.hold_id, amount=4, key="s")
    wallet = Wallet.objects.get(pk=wallet_id)
    assert (wallet.allowance, wallet.used, wallet.period_start, wallet.period_end) == (20, 4, start, end)
    ledger.grant(
        wallet_id=wallet_id,
        amount=30,
        source="allowance",
        key="b",
        period_start=end,
        expires_at=end + timedelta(days=30),
    )
    wallet.refresh_from_db()
    assert (wallet.allowance, wallet.used, wallet.period_start) == (30, 0, end)
    assert_whole()


def test_a_period_gets_its_allowance_once():
    wallet_id = ownerless_wallet()
    period = {"period_start": in_minutes(0), "expires_at": in_minutes(60)}
    ledger.grant(wallet_id=wallet_id, amount=20, source="allowance", key="a", **period)
    with pytest.raises(ledger.AllowanceGranted):
        ledger.grant(wallet_id=wallet_id, amount=20, source="allowance", key="b", **period)
    assert figures(wallet_id) == (20, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "allowance"},
        {"source": "allowance", "period_start": in_minutes(0)},
        {"source": "bonus", "period_start": in_minutes(0), "expires_at": in_minutes(9)},
        {"source": "bonus", "amount": 0},
        {"source": "bonus", "amount": -3},
    ],
)
def test_a_grant_without_sense_is_a_mistake_of_the_caller(wrong):
    with pytest.raises(ValueError, match=r"allowance|positive"):
        ledger.grant(**{"wallet_id": 1, "amount": 5, "key": "k", **wrong})


def test_hold_sets_credits_aside():
    wallet_id = funded_wallet(20)
    held = hold(wallet_id, 8, turn=5)
    assert (held.amount, held.available, held.held, held.replayed) == (8, 12, 8, False)
    assert figures(wallet_id) == (12, 8)
    entry = Entry.objects.get(hold=held.hold_id)
    assert (entry.amount, entry.held_change, entry.balance_after, entry.available_after) == (0, 8, 20, 12)
    assert (entry.reference_kind, entry.reference_id) == ("turn", UUID(int=5))
    assert_whole()


def test_hold_beyond_the_balance_changes_nothing():
    wallet_id = funded_wallet(20)
    with pytest.raises(ledger.InsufficientCredits) as refusal:
        hold(wallet_id, 21)
    assert refusal.value.details == {"available": 20, "needed": 21}
    assert refusal.value.status == 402
    assert figures(wallet_id) == (20, 0)
    assert not Hold.objects.exists()


def test_a_refusal_leaves_the_callers_transaction_usable():
    wallet_id = funded_wallet(20)
    with transaction.atomic():
        with pytest.raises(ledger.InsufficientCredits):
            hold(wallet_id, 21)
        hold(wallet_id, 20)
    assert figures(wallet_id) == (0, 20)


def test_a_hold_ends_within_a_day():
    with pytest.raises(ValueError, match="24"):
        ledger.hold(wallet_id=1, amount=1, key="k", expires_at=in_minutes(24 * 60 + 5))


def test_settle_spends_and_returns_the_rest():
    wallet_id = funded_wallet(20)
    held = hold(wallet_id, 8, turn=5)
    moved = ledger.settle(hold_id=held.hold_id, amount=3, key="s", description="Round 1")
    assert (moved.amount, moved.held_change, moved.balance_after, moved.available) == (-3, -8, 17, 17)
    assert figures(wallet_id) == (17, 0)
    entry = Entry.objects.get(pk=moved.entry_id)
    assert (entry.kind, entry.reference_id, entry.description) == ("settle", UUID(int=5), "Round 1")
    assert_whole()


@pytest.mark.parametrize(("spent", "left"), [(0, [5, 5, 5]), (4, [1, 5, 5]), (9, [0, 1, 5]), (12, [0, 0, 3])])
def test_settle_spends_the_first_draws_first(spent, left):
    wallet_id = funded_wallet(5, 5, 5)
    held = hold(wallet_id, 12)
    ledger.settle(hold_id=held.hold_id, amount=spent, key="s")
    assert remains(wallet_id) == left
    assert_whole()


def test_settle_above_the_hold_is_refused():
    wallet_id = funded_wallet(20)
    held = hold(wallet_id, 8)
    with pytest.raises(ledger.HoldExceeded) as refusal:
        ledger.settle(hold_id=held.hold_id, amount=9, key="s")
    assert refusal.value.details == {"held": 8, "needed": 9}
    assert figures(wallet_id) == (12, 8)


def test_release_gives_everything_back():
    wallet_id = funded_wallet(5, 5)
    held = hold(wallet_id, 8)
    moved = ledger.release(hold_id=held.hold_id, key="r")
    assert (moved.kind, moved.amount, moved.held_change) == ("release", 0, -8)
    assert remains(wallet_id) == [5, 5]
    assert figures(wallet_id) == (10, 0)
    assert_whole()


def test_a_hold_is_resolved_once():
    wallet_id = funded_wallet(20)
    held = hold(wallet_id, 8)
    ledger.settle(hold_id=held.hold_id, amount=3, key="s")
    with pytest.raises(ledger.HoldResolved) as refusal:
        ledger.settle(hold_id=held.hold_id, amount=3, key="again")
    assert refusal.value.details == {"settled": 3}
    with pytest.raises(ledger.HoldResolved):
        ledger.release(hold_id=held.hold_id, key="r")
    assert figures(wallet_id) == (17, 0)


def test_refund_goes_back_to_the_lots_last_burnt_first():
    wallet_id = funded_wallet(5, 5, 5)
    held = hold(wallet_id, 12)
    ledger.settle(hold_id=held.hold_id, amount=11, key="s")
    assert remains(wallet_id) == [0, 0, 4]
    ledger.refund(hold_id=held.hold_id, amount=3, key="f1")
    assert remains(wallet_id) == [0, 2, 5]
    ledger.refund(hold_id=held.hold_id, amount=8, key="f2")
    assert remains(wallet_id) == [5, 5, 5]
    assert_whole()


def test_refund_of_an_expired_lot_becomes_a_new_one():
    wallet_id = ownerless_wallet()
    fund(wallet_id, 5, minutes=10)
    fund(wallet_id, 5)
    held = hold(wallet_id, 8)
    ledger.settle(hold_id=held.hold_id, amount=8, key="s")
    travel(11)
    moved = ledger.refund(hold_id=held.hold_id, amount=6, key="f")
    assert remains(wallet_id) == [0, 5, 3]
    fresh = Lot.objects.get(pk=moved.lot_id)
    assert (fresh.source, fresh.granted, fresh.expires_at) == ("refund", 3, None)
    assert_whole()


def test_refund_beyond_what_was_paid_is_refused():
    wallet_id = funded_wallet(20)
    held = hold(wallet_id, 8)
    with pytest.raises(ledger.RefundExceeded):
        ledger.refund(hold_id=held.hold_id, amount=1, key="early")
    ledger.settle(hold_id=held.hold_id, amount=5, key="s")
    ledger.refund(hold_id=held.hold_id, amount=3, key="f")
    with pytest.raises(ledger.RefundExceeded) as refusal:
        ledger.refund(hold_id=held.hold_id, amount=3, key="f2")
    assert refusal.value.details == {"refundable": 2, "needed": 3}
    assert figures(wallet_id) == (18, 0)
    assert_whole()


def test_a_refund_is_not_used_in_the_period():
    wallet_id = funded_wallet(20)
    held = hold(wallet_id, 8)
    ledger.settle(hold_id=held.hold_id, amount=5, key="s")
    ledger.refund(hold_id=held.hold_id, amount=3, key="f")
    assert Wallet.objects.get(pk=wallet_id).used == 2


def test_expire_sweeps_what_is_over_and_nothing_else():
    wallet_id = ownerless_wallet()
    fund(wallet_id, 5, minutes=10)
    fund(wallet_id, 6, minutes=20)
    fund(wallet_id, 7)
    assert ledger.expire(wallet_id=wallet_id, key="early") is None
    travel(11)
    moved = ledger.expire(wallet_id=wallet_id, key="late", description="Unused")
    assert moved is not None
    assert (moved.kind, moved.amount, moved.available) == ("expire", -5, 13)
    assert remains(wallet_id) == [0, 6, 7]
    assert_whole()


def test_an_expired_lot_cannot_be_spent():
    wallet_id = ownerless_wallet()
    fund(wallet_id, 5, minutes=10)
    fund(wallet_id, 6)
    travel(11)
    with pytest.raises(ledger.InsufficientCredits) as refusal:
        hold(wallet_id, 7)
    assert refusal.value.details == {"available": 6, "needed": 7}
    hold(wallet_id, 6)
    assert remains(wallet_id) == [5, 0]
    assert_whole()


def test_a_hold_outlives_its_lot_and_the_rest_expires():
    """A11: the hold stays valid; its remainder returns to the lot and the next sweep takes it."""
    wallet_id = ownerless_wallet()
    fund(wallet_id, 10, minutes=10)
    held = hold(wallet_id, 8)
    travel(11)
    ledger.expire(wallet_id=wallet_id, key="sweep 1")
    assert figures(wallet_id) == (0, 8)
    ledger.settle(hold_id=held.hold_id, amount=5, key="s")
    assert figures(wallet_id) == (3, 0)
    with pytest.raises(ledger.InsufficientCredits):
        hold(wallet_id, 1)
    moved = ledger.expire(wallet_id=wallet_id, key="sweep 2")
    assert moved is not None
    assert moved.amount == -3
    assert figures(wallet_id) == (0, 0)
    assert_whole()


def test_adjust_up_adds_a_lot():
    wallet_id = ownerless_wallet()
    moved = ledger.adjust(wallet_id=wallet_id, amount=4, key="a", description="Goodwill")
    assert Lot.objects.get(pk=moved.lot_id).source == "adjustment"
    assert figures(wallet_id) == (4, 0)
    assert_whole()


def test_adjust_down_takes_from_live_lots_and_never_from_holds():
    wallet_id = funded_wallet(5, 5)
    hold(wallet_id, 3)
    with pytest.raises(ledger.InsufficientCredits):
        ledger.adjust(wallet_id=wallet_id, amount=-8, key="a", description="Mistake")
    ledger.adjust(wallet_id=wallet_id, amount=-6, key="b", description="Mistake")
    assert remains(wallet_id) == [0, 1]
    assert figures(wallet_id) == (1, 3)
    assert_whole()


@pytest.mark.parametrize(("amount", "reason"), [(0, "why"), (5, "")])
def test_an_adjustment_needs_amount_and_reason(amount, reason):
    with pytest.raises(ValueError, match="reason"):
        ledger.adjust(wallet_id=1, amount=amount, key="a", description=reason)


def test_a_parked_wallet_takes_no_hold_and_still_settles():
    wallet_id, other = funded_wallet(20), funded_wallet(20)
    held = hold(wallet_id, 5)
    wallet = Wallet.objects.get(pk=wallet_id)
    wallet.park(reason="Figures drifted")
    with pytest.raises(ledger.WalletParked):
        hold(wallet_id, 1)
    hold(other, 1)
    ledger.settle(hold_id=held.hold_id, amount=5, key="s")
    wallet.unpark()
    hold(wallet_id, 1)
    assert_whole()


@pytest.mark.parametrize(
    "move",
    [
        lambda: ledger.grant(wallet_id=-1, amount=1, source="bonus", key="k"),
        lambda: ledger.hold(wallet_id=-1, amount=1, key="k", expires_at=in_minutes(1)),
        lambda: ledger.settle(hold_id=-1, amount=1, key="k"),
        lambda: ledger.release(hold_id=-1, key="k"),
        lambda: ledger.refund(hold_id=-1, amount=1, key="k"),
        lambda: ledger.expire(wallet_id=-1, key="k"),
        lambda: ledger.adjust(wallet_id=-1, amount=1, key="k", description="why"),
    ],
)
def test_what_is_not_there_is_missing(move):
    with pytest.raises(Missing):
        move()


def test_one_movement_is_one_query(django_assert_num_queries):
    wallet_id = funded_wallet(20)
    with django_assert_num_queries(1):
        held = hold(wallet_id, 5)
    with django_assert_num_queries(1):
        ledger.settle(hold_id=held.hold_id, amount=2, key=fresh_key())
