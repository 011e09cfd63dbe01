"""Every movement is done once per key: the same call again returns its first result (A02, A03)."""

from uuid import UUID

import pytest

from credits import ledger
from credits.models import Entry, Lot, Wallet
from tests.credits.books import (
    assert_whole,
    figures,
    fund,
    funded_wallet,
    hold,
    in_minutes,
    ownerless_wallet,
    travel,
)

pytestmark = pytest.mark.django_db
TURN = ledger.Reference("turn", UUID(int=1))


@pytest.fixture
def wallet_id():
    """Twenty credits without an end, ten that are over, and one settled hold of eight."""
    wallet_id = funded_wallet(20)
    fund(wallet_id, 10, minutes=1)
    held = hold(wallet_id, 8, key="old hold")
    ledger.settle(hold_id=held.hold_id, amount=8, key="old settle")
    travel(2)
    return wallet_id


def old_hold():
    """The settled hold."""
    return Entry.objects.get(key=ledger.key_id("old settle")).hold_id


def open_hold(wallet_id):
    """A hold to resolve; the same one when called again."""
    return hold(wallet_id, 5, key="open hold").hold_id


def claw(wallet_id, key, reference=TURN):
    """Take back from whatever lot has any."""
    lots = Lot.objects.filter(wallet=wallet_id).values_list("pk", flat=True)
    return ledger.clawback(
        wallet_id=wallet_id, lot_ids=lots, amount=3, key=key, reference=reference, description="why"
    )


MOVES = {
    "grant": lambda w, key: ledger.grant(wallet_id=w, amount=7, source="bonus", key=key, reference=TURN),
    "hold": lambda w, key: ledger.hold(
        wallet_id=w, amount=7, key=key, expires_at=in_minutes(5), reference=TURN
    ),
    "settle": lambda w, key: ledger.settle(hold_id=open_hold(w), amount=3, key=key),
    "release": lambda w, key: ledger.release(hold_id=open_hold(w), key=key),
    "refund": lambda w, key: ledger.refund(hold_id=old_hold(), amount=3, key=key),
    "expire": lambda w, key: ledger.expire(wallet_id=w, key=key),
    "adjust": lambda w, key: ledger.adjust(wallet_id=w, amount=-3, key=key, description="why"),
    "clawback": claw,
}
OTHERWISE = {
    "grant": [
        lambda w, key: ledger.grant(wallet_id=w, amount=8, source="bonus", key=key, reference=TURN),
        lambda w, key: ledger.grant(wallet_id=w, amount=7, source="purchase", key=key, reference=TURN),
        lambda w, key: ledger.grant(wallet_id=w, amount=7, source="bonus", key=key),
        lambda w, key: ledger.grant(
            wallet_id=w, amount=7, source="bonus", key=key, reference=TURN, expires_at=in_minutes(9)
        ),
    ],
    "hold": [
        lambda w, key: ledger.hold(wallet_id=w, amount=8, key=key, expires_at=in_minutes(5), reference=TURN),
        lambda w, key: ledger.hold(wallet_id=w, amount=7, key=key, expires_at=in_minutes(5)),
        lambda w, key: ledger.hold(
            wallet_id=w,
            amount=7,
            key=key,
            expires_at=in_minutes(5),
            reference=ledger.Reference("turn", UUID(int=2)),
        ),
    ],
    "settle": [
        lambda w, key: ledger.settle(hold_id=open_hold(w), amount=4, key=key),
        lambda w, key: ledger.settle(hold_id=old_hold(), amount=3, key=key),
        lambda w, key: ledger.release(hold_id=open_hold(w), key=key),
    ],
    "release": [
        lambda w, key: ledger.settle(hold_id=open_hold(w), amount=0, key=key),
        lambda w, key: ledger.release(hold_id=old_hold(), key=key),
    ],
    "refund": [
        lambda w, key: ledger.refund(hold_id=old_hold(), amount=4, key=key),
        lambda w, key: ledger.refund(hold_id=open_hold(w), amount=3, key=key),
    ],
    "expire": [lambda w, key: ledger.adjust(wallet_id=w, amount=-10, key=key, description="why")],
    "adjust": [lambda w, key: ledger.adjust(wallet_id=w, amount=3, key=key, description="why")],
    "clawback": [
        lambda w, key: claw(w, key, reference=None),
        lambda w, key: claw(w, key, reference=ledger.Reference("turn", UUID(int=2))),
        lambda w, key: ledger.adjust(wallet_id=w, amount=-3, key=key, description="why"),
    ],
}


@pytest.mark.parametrize("move", MOVES)
def test_the_same_call_again_returns_the_first_result(wallet_id, move):
    first = MOVES[move](wallet_id, "the key")
    after, entries = figures(wallet_id), Entry.objects.count()
    again = MOVES[move](wallet_id, "the key")
    assert first is not None
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.entry_id, again.available) == (first.entry_id, first.available)
    assert figures(wallet_id) == after
    assert Entry.objects.count() == entries
    assert_whole()


@pytest.mark.parametrize("move", MOVES)
def test_the_first_result_returns_even_when_a_new_call_would_be_refused(wallet_id, move):
    first = MOVES[move](wallet_id, "the key")
    ledger.expire(wallet_id=wallet_id, key="sweep")
    available, _ = figures(wallet_id)
    ledger.adjust(wallet_id=wallet_id, amount=-available, key="empty", description="why")
    Wallet.objects.get(pk=wallet_id).park(reason="why")
    again = MOVES[move](wallet_id, "the key")
    assert again.entry_id == first.entry_id


@pytest.mark.parametrize(
    ("move", "other"), [(move, other) for move, others in OTHERWISE.items() for other in others]
)
def test_the_same_key_for_something_else_is_a_conflict(wallet_id, move, other):
    open_hold(wallet_id)
    MOVES[move](wallet_id, "the key")
    after, entries = figures(wallet_id), Entry.objects.count()
    with pytest.raises(ledger.IdempotencyConflict) as refusal:
        other(wallet_id, "the key")
    assert refusal.value.status == 409
    assert figures(wallet_id) == after
    assert Entry.objects.count() == entries
    assert_whole()


@pytest.mark.parametrize(("used", "wanted"), [(a, b) for a in MOVES for b in MOVES if a != b])
def test_a_key_belongs_to_one_kind_of_movement(wallet_id, used, wanted):
    open_hold(wallet_id)
    MOVES[used](wallet_id, "the key")
    after = figures(wallet_id)
    with pytest.raises(ledger.IdempotencyConflict):
        MOVES[wanted](wallet_id, "the key")
    assert figures(wallet_id) == after


def test_wallets_have_their_own_keys():
    first, second = funded_wallet(5), funded_wallet(5)
    assert hold(first, 5, key="same").hold_id != hold(second, 5, key="same").hold_id


def test_a_grants_key_is_one_grant_everywhere():
    """Granting the same invoice to two wallets is a mistake, whoever makes it."""
    first, second = ownerless_wallet(), ownerless_wallet()
    fund(first, 5, key="invoice:1")
    with pytest.raises(ledger.IdempotencyConflict):
        fund(second, 5, key="invoice:1")
    assert figures(second) == (0, 0)
