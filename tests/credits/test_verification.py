"""Each invariant sees the defect it is there for."""

from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from credits import corrections, ledger, metering, parking, verification
from credits.models import Lot, Metric, Wallet
from tests.credits.books import (
    assert_whole,
    fund,
    funded_wallet,
    hold,
    ownerless_wallet,
    travel,
    triggers_asleep,
)
from tests.credits.correcting import ask
from tests.support.people import open_operator
from tests.support.sessions import on_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet_id():
    """A wallet in which everything has happened once; hold 1 is settled and partly refunded, hold 2 open."""
    wallet_id = ownerless_wallet()
    fund(wallet_id, 20, source="allowance", minutes=40)
    fund(wallet_id, 5, minutes=10)
    fund(wallet_id, 30, source="purchase")
    settled = hold(wallet_id, 12, turn=1)
    ledger.settle(hold_id=settled.hold_id, amount=9, key="settle")
    ledger.refund(hold_id=settled.hold_id, amount=2, key="refund")
    hold(wallet_id, 6, turn=2)
    fund(wallet_id, 4, minutes=10)
    travel(11)
    ledger.expire(wallet_id=wallet_id, key="expire")
    ledger.adjust(wallet_id=wallet_id, amount=-3, key="down", description="why")
    ledger.adjust(wallet_id=wallet_id, amount=4, key="up", description="why")
    lots = Lot.objects.filter(wallet=wallet_id, source="purchase").values_list("pk", flat=True)
    for key in ("refund", "dispute"):
        taken = ledger.clawback(
            wallet_id=wallet_id, lot_ids=lots, amount=2, key=f"clawback:{key}", description="why"
        )
    ledger.restore(entry_id=taken.entry_id, description="why")
    assert_whole()
    return wallet_id


def broken():
    """The codes of the invariants that do not hold."""
    return {invariant.code for invariant, found in verification.verify() if found}


def plant(*statements):
    """Do to the tables what their guards would refuse."""
    connection.check_constraints()  # what waits for the commit would be in ALTER TABLE's way
    with triggers_asleep() as cursor:
        for statement in statements:
            cursor.execute(statement)


def without(table, *constraints):
    """Statements that take named constraints away."""
    return [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for name in constraints]


DEFECTS = {
    "I01 wallet": ("I01", ["UPDATE credits_wallet SET available = available + 1"]),
    "I01 lot": ("I01", ["UPDATE credits_lot SET remaining = remaining + 1 WHERE source = 'allowance'"]),
    "I01 entry": ("I01", ["UPDATE credits_entry SET amount = amount + 1 WHERE kind = 'grant'"]),
    "I02 wallet": (
        "I02",
        [
            *without("credits_wallet", "credits_wallet_sound"),
            "UPDATE credits_wallet SET available = -1",
        ],
    ),
    "I02 lot": (
        "I02",
        [
            *without("credits_lot", "credits_lot_sound"),
            "UPDATE credits_lot SET remaining = -1 WHERE source = 'purchase'",
        ],
    ),
    "I02 hold": (
        "I02",
        [
            *without("credits_hold", "credits_hold_sound"),
            "UPDATE credits_hold SET refunded = -1",
        ],
    ),
    "I02 entry": (
        "I02",
        [
            *without("credits_entry", "credits_entry_sound"),
            "UPDATE credits_entry SET held_after = balance_after + 1 WHERE kind = 'adjust'",
        ],
    ),
    "I02 debt": (
        "I02",
        [
            *without("credits_wallet", "credits_wallet_owed_not_negative"),
            "UPDATE credits_wallet SET owed = -1",
        ],
    ),
    "I03 a gap": ("I03", ["DELETE FROM credits_entry WHERE seq = 2"]),
    "I03 a number": ("I03", ["UPDATE credits_entry SET seq = seq + 100 WHERE kind = 'expire'"]),
    "I03 a balance": ("I03", ["UPDATE credits_entry SET balance_after = balance_after + 1 WHERE seq = 3"]),
    "I03 a text": ("I03", ["UPDATE credits_entry SET description = 'because' WHERE kind = 'adjust'"]),
    "I03 a moment": ("I03", ["UPDATE credits_entry SET created_at = created_at + interval '1us'"]),
    "I03 an actor": ("I03", ["UPDATE credits_entry SET actor_id = gen_random_uuid() WHERE seq = 5"]),
    "I03 a hash": ("I03", ["UPDATE credits_entry SET hash = sha256(hash) WHERE seq = 5"]),
    "I03 the end": (
        "I03",
        ["DELETE FROM credits_entry e USING credits_wallet w WHERE e.wallet_id = w.id AND e.seq = w.seq"],
    ),
    "I03 the head": ("I03", ["UPDATE credits_wallet SET head = sha256(head)"]),
    "I04 a draw": ("I04", ["UPDATE credits_holddraw SET amount = amount + 1"]),
    "I04 none": ("I04", ["DELETE FROM credits_holddraw"]),
    "I05 twice": (
        "I05",
        [
            """INSERT INTO credits_entry SELECT (jsonb_populate_record(e, jsonb_build_object(
                   'id', e.id + 1000, 'seq', e.seq + 1000, 'key', gen_random_uuid()))).*
               FROM credits_entry e WHERE kind = 'settle'"""
        ],
    ),
    "I05 other": ("I05", ["UPDATE credits_hold SET settled = settled - 1 WHERE settled > 0"]),
    "I05 amount": ("I05", ["UPDATE credits_hold SET amount = amount + 1 WHERE resolved_at IS NULL"]),
    "I06": ("I06", ["UPDATE credits_hold SET settled = NULL, resolved_at = NULL, refunded = 0"]),
    "I07": ("I07", ["UPDATE credits_wallet SET held = held + 1, available = available - 1"]),
    "I08 hold": (
        "I08",
        [
            *without("credits_hold", "credits_hold_sound"),
            "UPDATE credits_hold SET refunded = settled + 1 WHERE settled > 0",
        ],
    ),
    "I08 entries": ("I08", ["UPDATE credits_hold SET refunded = 0"]),
    "I08 work": ("I08", ["UPDATE credits_entry SET amount = 100 WHERE kind = 'refund'"]),
    "I09 lot": (
        "I09",
        [
            """UPDATE credits_lot SET remaining = remaining + CASE source WHEN 'purchase' THEN -1 ELSE 1 END
               WHERE source IN ('purchase', 'allowance')"""
        ],
    ),
    "I09 granted": ("I09", ["UPDATE credits_lot SET granted = granted + 1 WHERE source = 'purchase'"]),
    "I09 movement": ("I09", ["DELETE FROM credits_lotmovement"]),
    "I09 restored": ("I09", ["UPDATE credits_entry SET key = gen_random_uuid() WHERE kind = 'restore'"]),
    "I10 no entry": ("I10", ["UPDATE credits_lot SET source_key = gen_random_uuid() WHERE source = 'bonus'"]),
    "I10 one key": (
        "I10",
        [
            *without("credits_lot", "credits_lot_one_per_source_key"),
            "UPDATE credits_lot SET source_key = (SELECT min(source_key::text)::uuid FROM credits_lot)",
        ],
    ),
    "I11": ("I11", ["UPDATE credits_hold SET created_at = created_at + interval '1 hour'"]),
    "I21": (
        "I21",
        [
            """UPDATE credits_hold SET created_at = created_at - interval '25 hours'
               WHERE resolved_at IS NULL"""
        ],
    ),
    "I26": (
        "I26",
        [
            """UPDATE credits_lot SET expires_at = now() - interval '61 minutes'
               WHERE source = 'adjustment'""",
        ],
    ),
    "I29 twice": (
        "I29",
        [
            "DROP INDEX credits_lot_one_allowance_per_period",
            """UPDATE credits_lot SET source = 'allowance', expires_at = '2099-01-01',
                   period_start = (SELECT period_start FROM credits_wallet)
               WHERE source = 'adjustment'""",
        ],
    ),
    "I29 shown": ("I29", ["UPDATE credits_wallet SET allowance = allowance + 1"]),
    "I29 used": ("I29", ["UPDATE credits_wallet SET used = used + 1"]),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_caught(wallet_id, defect):
    code, statements = DEFECTS[defect]
    plant(*statements)
    assert code in broken()


def test_a_draw_from_somebody_elses_lot_is_caught(wallet_id):
    other = funded_wallet(50)
    plant(
        f"UPDATE credits_holddraw SET lot_id = (SELECT id FROM credits_lot WHERE wallet_id = {other})"  # noqa: S608
        " WHERE position = 1"
    )
    assert "I04" in broken()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credits_usagecounter SET quantity = quantity + 1",
        "DELETE FROM credits_usagecounter",
        "UPDATE credits_usagerecord SET quantity = quantity + 1",
        "DELETE FROM credits_usagerecord",
    ],
)
def test_a_counter_that_differs_from_the_log_is_caught(alice, statement):
    metering.record(user_id=alice.pk, metric=Metric.SESSION, quantity=1)
    assert_whole()
    plant(statement)
    assert "I14" in broken()


OPERATORS = {
    "no audit": "DELETE FROM accounts_auditentry WHERE act = 'credits.applied'",
    "no reason in the audit": "UPDATE accounts_auditentry SET reason = ' ' WHERE act = 'credits.applied'",
    "no correction": "UPDATE credits_correction SET entry_id = NULL, state = 'pending'",
    "another amount": "UPDATE credits_correction SET amount = amount - 1",
    "another operator": "UPDATE credits_correction SET requested_by_id = gen_random_uuid()",
    "nobody else": "UPDATE credits_correction SET decided_by_id = NULL",
    "the same person": "UPDATE credits_correction SET decided_by_id = requested_by_id",
    "the owner": "UPDATE credits_correction SET decided_by_id = (SELECT owner_id FROM credits_wallet WHERE id = wallet_id)",
    "above the limit alone": "UPDATE credits_correction SET needs_approval = false, decided_by_id = NULL",
    "no audit of a comp": "DELETE FROM accounts_auditentry WHERE act = 'plan.comped'",
}


@pytest.mark.parametrize("defect", OPERATORS)
def test_an_operators_movement_without_its_proof_is_caught(alice, olga, defect):
    """I23."""
    on_plan(alice)
    waits = ask(alice.wallet, olga, credits=1001)
    corrections.approve(correction_id=waits.pk, actor=open_operator("otto"))
    assert_whole()
    rules = ("credits_correction_second_person_decides", "credits_correction_limit_kept")
    applied = "credits_correction_applied_by_an_entry"
    plant(*without("credits_correction", *rules, applied), OPERATORS[defect])
    assert "I23" in broken()


def test_an_operator_alone_beyond_the_days_limit_is_caught(alice, olga):
    """I23."""
    ask(alice.wallet, olga, credits=600)
    ask(alice.wallet, olga, credits=300)
    assert_whole()
    plant('UPDATE credits_correction SET "limit" = 800 WHERE amount = 300')
    assert broken() == {"I23"}


def test_a_correction_by_hand_without_a_reason_is_caught():
    """I23."""
    wallet_id = funded_wallet(5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_adjust(%s, 1, gen_random_uuid(), NULL, ' ')", [wallet_id])
    assert broken() == {"I23"}


def test_every_invariant_has_its_planted_defect():
    planted = {code for code, _ in DEFECTS.values()} | {"I14", "I23"}
    ours = {path.stem for path in verification.FOLDER.glob("*.sql")}
    assert planted == ours


def test_a_sweep_has_an_hour_after_a_late_return():
    """What a late settlement gives back to an expired lot is not yet a defect."""
    wallet_id = ownerless_wallet()
    fund(wallet_id, 10, minutes=10)
    held = hold(wallet_id, 8)
    travel(200)
    ledger.expire(wallet_id=wallet_id, key="sweep")
    ledger.settle(hold_id=held.hold_id, amount=1, key="s")
    assert broken() == set()
    travel(61)
    assert broken() == {"I26"}


def test_verify_ledger_prints_every_invariant(wallet_id):
    said = StringIO()
    call_command("verify_ledger", stdout=said)
    lines = said.getvalue().splitlines()
    assert lines[0].startswith("I01  ok")
    assert len(lines) == len(verification.invariants()) + 1
    assert lines[-1] == "The ledger is whole."


def test_verify_ledger_fails_on_the_first_break_and_names_the_wallet(wallet_id):
    plant("UPDATE credits_wallet SET available = available + 1")
    said = StringIO()
    with pytest.raises(CommandError, match=f"I01 .*wallet {wallet_id}: available"):
        call_command("verify_ledger", stdout=said)
    assert "I02" not in said.getvalue()


def test_verify_ledger_parks_what_drifted_and_leaves_the_others(wallet_id):
    """A22."""
    sound = funded_wallet(10)
    plant(f"UPDATE credits_wallet SET available = available + 1 WHERE id = {wallet_id}")  # noqa: S608
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_ledger", "--park", stdout=said)
    assert f"Parked wallet {wallet_id}." in said.getvalue()
    assert Wallet.objects.get(pk=wallet_id).parked_reason.startswith("I01: available")
    with pytest.raises(ledger.WalletParked):
        hold(wallet_id, 1)
    hold(sound, 1)
    assert parking.park_drifted() == []


def test_a_wallet_is_unparked_only_when_nothing_in_it_is_broken(wallet_id):
    plant("UPDATE credits_wallet SET available = available + 1")
    parking.park_drifted()
    with pytest.raises(CommandError, match="It stays parked: I01"):
        call_command("verify_ledger", "--unpark", str(wallet_id))
    plant("UPDATE credits_wallet SET available = available - 1")
    said = StringIO()
    call_command("verify_ledger", "--unpark", str(wallet_id), stdout=said)
    assert said.getvalue() == f"Wallet {wallet_id} works again.\n"
    hold(wallet_id, 1)
    with pytest.raises(CommandError, match="no parked wallet"):
        call_command("verify_ledger", "--unpark", str(wallet_id))


def test_an_app_above_registers_its_own(monkeypatch):
    monkeypatch.setattr(verification, "_registered", dict(verification._registered))
    rule = verification.Invariant("I99", "a lie", "SELECT NULL::bigint, 'caught'")
    verification.register(rule)
    verification.register(rule)
    assert broken() == {"I99"}
    assert [str(place) for place in verification.breaks(rule)] == ["caught"]
    with pytest.raises(ValueError, match="I99"):
        verification.register(verification.Invariant("I99", "another", "SELECT 1, ''"))


def test_a_statement_can_be_verified_from_its_description(wallet_id):
    """The canonical bytes of docs/ledger.md, rebuilt without the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT wallet_id, seq, kind, amount, held_change, balance_after, held_after,
                      (extract(epoch FROM created_at) * 1000000)::bigint, key, hold_id, lot_id,
                      reference_kind, reference_id, actor_id, description, hash
               FROM credits_entry WHERE wallet_id = %s ORDER BY seq""",
            [wallet_id],
        )
        rows = cursor.fetchall()
    before = bytes(32)
    for *fields, stored in rows:
        text = "|".join(["1", *("" if field is None else str(field) for field in fields)])
        before = sha256(before + text.encode()).digest()
        assert before == bytes(stored)
    assert before == bytes(Wallet.objects.get(pk=wallet_id).head)
