"""Every rule that the tables themselves state, tripped by name."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from credits import ledger
from credits.models import Entry, Hold, Lot
from tests.credits.books import fund, funded_wallet, hold, in_minutes

pytestmark = pytest.mark.django_db


def insert(table, **values):
    """Insert one row as it is given."""
    columns, places = ", ".join(values), ", ".join(["%s"] * len(values))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", list(values.values()))  # noqa: S608


def update(table, **values):
    """Change every row of a table."""
    changes = ", ".join(f"{column} = %s" for column in values)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {changes}", list(values.values()))  # noqa: S608


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"available": -1}, "credits_wallet_never_negative"),
        ({"held": -1}, "credits_wallet_never_negative"),
        ({"allowance": -1}, "credits_wallet_never_negative"),
        ({"period_start": in_minutes(0)}, "credits_wallet_period_whole"),
        ({"period_end": in_minutes(0)}, "credits_wallet_period_whole"),
        (
            {"period_start": in_minutes(5), "period_end": in_minutes(0)},
            "credits_wallet_period_whole",
        ),
        ({"parked_at": in_minutes(0)}, "credits_wallet_parked_with_reason"),
        ({"parked_reason": "why"}, "credits_wallet_parked_with_reason"),
        ({"owed": -1}, "credits_wallet_owed_not_negative"),
    ],
)
def test_wallet_refuses(change, name):
    funded_wallet(5)
    with pytest.raises(IntegrityError, match=name):
        update("credits_wallet", **change)


def lot(wallet_id, **other):
    """The columns of a sound lot."""
    return {
        "wallet_id": wallet_id,
        "granted": 5,
        "remaining": 5,
        "expires_at": None,
        "period_start": None,
        "created_at": in_minutes(0),
        "source_key": uuid4(),
        "source": "bonus",
        **other,
    }


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"granted": 0, "remaining": 0}, "credits_lot_granted_positive"),
        ({"remaining": -1}, "credits_lot_remaining_within_grant"),
        ({"remaining": 6}, "credits_lot_remaining_within_grant"),
        ({"source": "gift"}, "credits_lot_source_known"),
        ({"period_start": in_minutes(0)}, "credits_lot_allowance_has_period"),
        ({"source": "allowance"}, "credits_lot_allowance_has_period"),
        ({"source": "allowance", "period_start": in_minutes(0)}, "credits_lot_allowance_has_period"),
        (
            {"source": "allowance", "period_start": in_minutes(0), "expires_at": in_minutes(-1)},
            "credits_lot_allowance_has_period",
        ),
    ],
)
def test_lot_refuses(wrong, name):
    wallet_id = funded_wallet(5)
    with pytest.raises(IntegrityError, match=name):
        insert("credits_lot", **lot(wallet_id, **wrong))


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"amount": 0}, "credits_monthlyallowance_amounts_sound"),
        ({"rollover_cap": -1}, "credits_monthlyallowance_amounts_sound"),
        ({"until": in_minutes(5), "due_at": in_minutes(9)}, "credits_monthlyallowance_due_before_its_end"),
    ],
)
def test_monthly_allowance_refuses(wrong, name):
    wallet_id = funded_wallet(5)
    sound = {"amount": 5, "rollover_cap": 0, "reference_kind": "gift", "reference_id": uuid4()}
    with pytest.raises(IntegrityError, match=name):
        insert("credits_monthlyallowance", wallet_id=wallet_id, description="", **{**sound, **wrong})


def test_lot_refuses_a_second_grant_of_one_key():
    wallet_id = funded_wallet(5)
    key = Lot.objects.get(wallet=wallet_id).source_key
    with pytest.raises(IntegrityError, match="credits_lot_one_per_source_key"):
        insert("credits_lot", **lot(wallet_id, source_key=key))


def test_lot_refuses_a_second_allowance_of_one_period():
    wallet_id = funded_wallet()
    allowance = {"source": "allowance", "period_start": in_minutes(0), "expires_at": in_minutes(9)}
    insert("credits_lot", **lot(wallet_id, **allowance))
    with pytest.raises(IntegrityError, match="credits_lot_one_allowance_per_period"):
        insert("credits_lot", **lot(wallet_id, **allowance))


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"amount": 0}, "credits_hold_amount_positive"),
        ({"settled": 6, "resolved_at": in_minutes(0)}, "credits_hold_settled_within_amount"),
        ({"settled": -1, "resolved_at": in_minutes(0)}, "credits_hold_settled_within_amount"),
        ({"settled": 3}, "credits_hold_resolved_with_amount"),
        ({"resolved_at": in_minutes(0)}, "credits_hold_resolved_with_amount"),
        ({"refunded": 1}, "credits_hold_refunded_within_settled"),
        ({"refunded": -1}, "credits_hold_refunded_within_settled"),
        (
            {"settled": 3, "resolved_at": in_minutes(0), "refunded": 4},
            "credits_hold_refunded_within_settled",
        ),
    ],
)
def test_hold_refuses(wrong, name):
    wallet_id = funded_wallet(5)
    row = {
        "wallet_id": wallet_id,
        "amount": 5,
        "refunded": 0,
        "created_at": in_minutes(0),
        "expires_at": in_minutes(5),
        "reference_kind": "",
        **wrong,
    }
    with pytest.raises(IntegrityError, match=name):
        insert("credits_hold", **row)


def entry(wallet_id, **other):
    """The columns of a sound entry."""
    return {
        "wallet_id": wallet_id,
        "seq": 2,
        "amount": 5,
        "held_change": 0,
        "balance_after": 10,
        "held_after": 0,
        "created_at": in_minutes(0),
        "hold_id": None,
        "lot_id": 1,
        "key": uuid4(),
        "kind": "grant",
        "reference_kind": "",
        "description": "",
        "hash": b"",
        **other,
    }


ENTRY = "credits_entry_kind_moves_its_way"


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"balance_after": -1, "held_after": -1}, "credits_entry_never_negative"),
        ({"balance_after": 4, "held_after": 5}, "credits_entry_never_negative"),
        ({"seq": 0}, "credits_entry_seq_positive"),
        ({"seq": 1}, "credits_entry_seq_unique"),
        ({"kind": "gift"}, ENTRY),
        ({"amount": 0}, ENTRY),
        ({"lot_id": None}, ENTRY),
        ({"held_change": 1}, ENTRY),
        ({"kind": "hold", "amount": 1, "held_change": 1, "hold_id": 1}, ENTRY),
        ({"kind": "hold", "amount": 0, "held_change": -1, "hold_id": 1}, ENTRY),
        ({"kind": "hold", "amount": 0, "held_change": 1}, ENTRY),
        ({"kind": "settle", "amount": 1, "held_change": -1, "hold_id": 1}, ENTRY),
        ({"kind": "settle", "amount": -1, "held_change": 0, "hold_id": 1}, ENTRY),
        ({"kind": "settle", "amount": -1, "held_change": -1}, ENTRY),
        ({"kind": "release", "amount": -1, "held_change": -1, "hold_id": 1}, ENTRY),
        ({"kind": "refund", "amount": -1, "hold_id": 1}, ENTRY),
        ({"kind": "refund"}, ENTRY),
        ({"kind": "expire"}, ENTRY),
        ({"kind": "expire", "amount": -1, "held_change": -1}, ENTRY),
        ({"kind": "adjust", "amount": 0}, ENTRY),
        ({"kind": "adjust", "held_change": 1}, ENTRY),
        ({"kind": "clawback"}, ENTRY),
        ({"kind": "clawback", "amount": -1, "held_change": -1}, ENTRY),
        ({"kind": "restore", "amount": -1}, ENTRY),
        ({"kind": "restore", "held_change": 1}, ENTRY),
    ],
)
def test_entry_refuses(wrong, name):
    wallet_id = funded_wallet(5)
    with pytest.raises(IntegrityError, match=name):
        insert("credits_entry", **entry(wallet_id, **wrong))


def test_entry_refuses_a_key_twice():
    wallet_id = funded_wallet(5)
    with pytest.raises(IntegrityError, match="credits_entry_key_unique"):
        insert("credits_entry", **entry(wallet_id, key=Entry.objects.get(wallet=wallet_id).key))


def test_draw_and_lot_movement_refuse_to_move_nothing():
    wallet_id = funded_wallet(5)
    held = hold(wallet_id, 2)
    lot_id = Lot.objects.get(wallet=wallet_id).pk
    with pytest.raises(IntegrityError, match="credits_holddraw_amount_positive"):
        insert("credits_holddraw", hold_id=held.hold_id, lot_id=lot_id + 1, amount=0, position=2)
    with pytest.raises(IntegrityError, match="credits_holddraw_pkey"):
        insert("credits_holddraw", hold_id=held.hold_id, lot_id=lot_id, amount=1, position=2)
    with pytest.raises(IntegrityError, match="credits_lotmovement_moves_something"):
        insert("credits_lotmovement", entry_id=held.entry_id, lot_id=lot_id, amount=0)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"quantity": -1}, "credits_usagerecord_never_negative"),
        ({"cost_usd": -1}, "credits_usagerecord_never_negative"),
        ({"metric": "breath"}, "credits_usagerecord_metric_known"),
    ],
)
def test_usage_refuses(wrong, name):
    row = {
        "metric": "llm_call",
        "quantity": 1,
        "unit": "call",
        "credits": 0,
        "tokens_in": 0,
        "tokens_out": 0,
        "cost_usd": 0,
        "provider": "",
        "model": "",
        "endpoint": "",
        "reference_kind": "",
        "period_start": in_minutes(0),
        "created_at": in_minutes(0),
        "metadata": "{}",
        **wrong,
    }
    with pytest.raises(IntegrityError, match=name):
        insert("credits_usagerecord", **row)


def test_counter_refuses_a_second_row_and_less_than_nothing(alice):
    row = {"user_id": alice.pk, "metric": "session", "period_start": in_minutes(0)}
    insert("credits_usagecounter", quantity=1, **row)
    with pytest.raises(IntegrityError, match="credits_usagecounter_one_per_period"):
        insert("credits_usagecounter", quantity=1, **row)
    with pytest.raises(IntegrityError, match="credits_usagecounter_never_negative"):
        update("credits_usagecounter", quantity=-1)


def test_one_wallet_for_an_owner(alice):
    wallet = alice.wallet
    with pytest.raises(IntegrityError, match="credits_wallet_owner_id_key"):
        insert(
            "credits_wallet",
            owner_id=alice.pk,
            available=0,
            held=0,
            allowance=0,
            used=0,
            seq=0,
            head=bytes(wallet.head),
            opened_at=wallet.opened_at,
            parked_reason="",
        )


JOURNAL = ["credits_entry", "credits_holddraw", "credits_lotmovement"]
KEPT = [*JOURNAL, "credits_wallet", "credits_lot", "credits_hold"]


@pytest.fixture
def history():
    """A wallet with a row in every table."""
    wallet_id = funded_wallet(9)
    fund(wallet_id, 5, minutes=10)
    held = hold(wallet_id, 8)
    ledger.settle(hold_id=held.hold_id, amount=6, key="s")
    ledger.refund(hold_id=held.hold_id, amount=2, key="f")
    return wallet_id


def refuse(statement):
    """The database refuses `statement`, saying why."""
    connection.check_constraints()  # what waits for the commit would be in TRUNCATE's way
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize("table", JOURNAL)
def test_the_journal_refuses_change(history, table):
    """A19."""
    refuse(f"UPDATE {table} SET amount = amount + 1")  # noqa: S608
    refuse(f"UPDATE {table} SET amount = amount WHERE false")  # noqa: S608


@pytest.mark.parametrize("table", KEPT)
def test_nothing_of_the_ledger_is_deleted(history, table):
    refuse(f"DELETE FROM {table}")  # noqa: S608
    refuse(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "change",
    [
        "credits_lot SET granted = granted + 1",
        "credits_lot SET expires_at = now()",
        "credits_lot SET source = 'purchase'",
        "credits_lot SET wallet_id = wallet_id",
        "credits_hold SET amount = amount + 1",
        "credits_hold SET reference_kind = 'turn'",
        "credits_hold SET settled = 8",
        "credits_hold SET resolved_at = NULL, settled = NULL",
    ],
)
def test_what_is_fixed_stays_fixed(history, change):
    refuse(f"UPDATE {change}")


def test_the_orm_cannot_change_history(history):
    entry = Entry.objects.first()
    for change in (
        entry.save,
        entry.delete,
        Entry.objects.all().delete,
        lambda: Entry.objects.update(amount=1),
        Hold.objects.get().delete,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
