"""Credits whose money goes back: what is free of their lots is taken, and given back once."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from config.common.errors import Missing
from credits import ledger, parking
from credits.models import Entry, Lot, Wallet
from credits.signals import credits_arrived
from tests.credits.books import (
    assert_whole,
    figures,
    fresh_key,
    fund,
    funded_wallet,
    hold,
    ownerless_wallet,
    travel,
)

pytestmark = pytest.mark.django_db
REVERSAL = ledger.Reference("reversal", UUID(int=9))


def take(wallet_id, lots, amount, *, key=None):
    """Take back from these lots."""
    return ledger.clawback(
        wallet_id=wallet_id,
        lot_ids=[lot.lot_id for lot in lots],
        amount=amount,
        key=key or fresh_key("clawback"),
        reference=REVERSAL,
        description="Refunded",
    )


def left(wallet_id):
    """What remains of each lot, oldest first."""
    return list(Lot.objects.filter(wallet=wallet_id).order_by("id").values_list("remaining", flat=True))


def test_a_clawback_takes_from_its_lots_and_from_no_others():
    wallet_id = ownerless_wallet()
    pack, gift = fund(wallet_id, 30, source="purchase"), fund(wallet_id, 20)
    moved = take(wallet_id, [pack], 25)
    assert (moved.kind, moved.amount, moved.available) == ("clawback", -25, 25)
    assert left(wallet_id) == [5, 20]
    entry = Entry.objects.get(pk=moved.entry_id)
    assert (entry.reference_kind, entry.reference_id) == ("reversal", UUID(int=9))
    assert gift.lot_id not in entry.movements.values_list("lot_id", flat=True)
    assert_whole()


def test_a_clawback_takes_at_most_what_is_free_of_its_lots():
    wallet_id = ownerless_wallet()
    pack = fund(wallet_id, 30, source="purchase")
    ledger.settle(hold_id=hold(wallet_id, 8).hold_id, amount=8, key="spent")
    hold(wallet_id, 5)
    fund(wallet_id, 9, minutes=30)
    assert take(wallet_id, [pack], 30).amount == -17
    assert figures(wallet_id) == (9, 5)
    assert take(wallet_id, [pack], 30) is None
    assert_whole()


def test_the_soonest_to_end_goes_first():
    wallet_id = ownerless_wallet()
    lots = [fund(wallet_id, 10), fund(wallet_id, 10, minutes=9), fund(wallet_id, 10, minutes=5)]
    take(wallet_id, lots, 15)
    assert left(wallet_id) == [10, 5, 0]


def test_an_ended_lot_is_left_to_the_sweep():
    wallet_id = ownerless_wallet()
    month = fund(wallet_id, 10, minutes=5)
    travel(6)
    assert take(wallet_id, [month], 10) is None
    assert Entry.objects.filter(wallet=wallet_id, kind="clawback").count() == 0
    assert ledger.expire(wallet_id=wallet_id, key="sweep").amount == -10


def test_another_wallets_lots_are_nobodys_to_take():
    wallet_id, other = funded_wallet(10), funded_wallet(10)
    theirs = Lot.objects.get(wallet=other)
    nothing = ledger.clawback(
        wallet_id=wallet_id, lot_ids=[theirs.pk], amount=10, key="k", description="Refunded"
    )
    assert nothing is None
    assert (figures(wallet_id), figures(other)) == ((10, 0), (10, 0))


def test_the_same_key_takes_once_even_where_more_is_free_by_then():
    wallet_id = ownerless_wallet()
    pack = fund(wallet_id, 30, source="purchase")
    held = hold(wallet_id, 12)
    first = take(wallet_id, [pack], 30, key="refund:1")
    ledger.release(hold_id=held.hold_id, key="release")
    again = take(wallet_id, [pack], 30, key="refund:1")
    assert (again.replayed, again.entry_id, again.amount) == (True, first.entry_id, -18)
    assert figures(wallet_id) == (12, 0)
    assert take(wallet_id, [pack], 12, key="refund:1:2").amount == -12


def test_a_restoration_gives_back_exactly_what_was_taken():
    wallet_id = ownerless_wallet()
    lots = [fund(wallet_id, 30, source="purchase"), fund(wallet_id, 20, minutes=30)]
    taken = take(wallet_id, lots, 41)
    back = ledger.restore(entry_id=taken.entry_id, description="The dispute was won")
    assert (back.kind, back.amount, back.lot_id) == ("restore", 41, None)
    assert left(wallet_id) == [30, 20]
    assert Lot.objects.get(pk=lots[1].lot_id).expires_at - Lot.objects.get(
        pk=lots[1].lot_id
    ).created_at > timedelta(minutes=29)
    assert_whole()


def test_a_restoration_happens_once_whoever_asks():
    wallet_id = ownerless_wallet()
    taken = take(wallet_id, [fund(wallet_id, 30)], 30)
    first = ledger.restore(entry_id=taken.entry_id, description="Won")
    again = ledger.restore(entry_id=taken.entry_id, description="The refund failed")
    assert (again.replayed, again.entry_id) == (True, first.entry_id)
    assert figures(wallet_id) == (30, 0)


def test_what_was_taken_from_a_lot_that_has_ended_comes_back_without_an_end():
    wallet_id = ownerless_wallet()
    lots = [fund(wallet_id, 10, minutes=5), fund(wallet_id, 10, minutes=50)]
    taken = take(wallet_id, lots, 14)
    travel(6)
    back = ledger.restore(entry_id=taken.entry_id, description="Won")
    assert back.amount == 14
    assert back.lot_id is not None
    fresh = Lot.objects.get(pk=back.lot_id)
    assert (fresh.granted, fresh.remaining, fresh.expires_at, fresh.source) == (10, 10, None, "refund")
    assert left(wallet_id) == [0, 10, 10]
    assert_whole()


@pytest.mark.parametrize("kind", ["grant", "nothing"])
def test_only_a_clawback_can_be_restored(kind):
    wallet_id = ownerless_wallet()
    granted = fund(wallet_id, 10)
    with pytest.raises(Missing):
        ledger.restore(entry_id=granted.entry_id if kind == "grant" else 0, description="Won")
    assert figures(wallet_id) == (10, 0)


def test_what_was_restored_can_be_taken_again():
    wallet_id = ownerless_wallet()
    pack = fund(wallet_id, 10)
    ledger.restore(entry_id=take(wallet_id, [pack], 10).entry_id, description="Won")
    again = take(wallet_id, [pack], 10)
    assert again.amount == -10
    ledger.restore(entry_id=again.entry_id, description="Won again")
    assert figures(wallet_id) == (10, 0)
    assert_whole()


def test_a_clawback_counts_for_nothing_as_use():
    wallet_id = ownerless_wallet()
    month = fund(wallet_id, 40, source="allowance", minutes=30)
    ledger.settle(hold_id=hold(wallet_id, 5).hold_id, amount=5, key="spent")
    take(wallet_id, [month], 20)
    wallet = Wallet.objects.get(pk=wallet_id)
    assert (wallet.used, wallet.allowance, wallet.available) == (5, 40, 15)


def test_a_wallet_that_owes_takes_no_new_hold():
    wallet_id = funded_wallet(20)
    held = hold(wallet_id, 5)
    parking.owe(wallet_id=wallet_id, credits=7, reason="A refund")
    with pytest.raises(ledger.CreditsOwed, match="owes 7 credits") as refusal:
        hold(wallet_id, 1)
    assert (refusal.value.status, refusal.value.details) == (402, {"owed": 7})
    assert Wallet.objects.get(pk=wallet_id).is_parked
    ledger.settle(hold_id=held.hold_id, amount=3, key="spent")
    fund(wallet_id, 5)
    assert figures(wallet_id) == (22, 0)
    parking.owe(wallet_id=wallet_id, credits=0, reason="Settled")
    assert hold(wallet_id, 22).available == 0


def test_owing_is_told_once_and_its_end_to_those_who_wait(django_capture_on_commit_callbacks):
    from accounts.models import AuditEntry

    wallet_id, heard = funded_wallet(20), []

    def hear(**told):
        heard.append(told["wallet_id"])

    credits_arrived.connect(hear)
    try:
        for credits in (7, 7, 3, 0):
            with django_capture_on_commit_callbacks(execute=True):
                parking.owe(wallet_id=wallet_id, credits=credits, reason="A refund")
    finally:
        credits_arrived.disconnect(hear)
    assert heard == [wallet_id]
    changes = AuditEntry.objects.filter(act="wallet.owes", subject_id=str(wallet_id)).order_by("id")
    assert [(change.before["owed"], change.after["owed"]) for change in changes] == [(0, 7), (7, 3), (3, 0)]


def test_the_keys_of_restorations_spell_out_their_entry():
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_restore_key(258, 4660)")
        (key,) = cursor.fetchone()
    assert key == UUID("00000000-0001-8234-a000-000000000102")
    assert (key.version, key.variant) == (8, "specified in RFC 4122")
