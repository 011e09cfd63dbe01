"""Statements: a month with its proofs, verified offline, refused when anything in them is changed."""

import base64
import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from config.common.errors import Missing
from credits import journal, ledger
from credits.models import Entry, Wallet
from credits.statements import form, keys, proof
from credits.statements.months import Month
from credits.statements.reading import statement_of, statements_of
from credits.statements.writing import written
from tests.credits.books import fund, hold, triggers_asleep
from tests.support.people import open_account

pytestmark = pytest.mark.django_db

THIS = Month.of(datetime.now(UTC))


@pytest.fixture
def dora():
    """An account without free credits: its ledger is what the test makes it."""
    return open_account("dora", verified=False)


@pytest.fixture
def busy(dora):
    """Dora with one entry of every kind in this month."""
    wallet = dora.wallet.pk
    fund(wallet, 20)
    first = hold(wallet, 8, turn=7)
    ledger.settle(hold_id=first.hold_id, amount=5, key="s", description="Wrïter | round 1. “Finished”")
    ledger.refund(hold_id=first.hold_id, amount=2, key="r", actor_id=UUID(int=5), description="Given back")
    ledger.release(hold_id=hold(wallet, 4).hold_id, key="l")
    ledger.adjust(wallet_id=wallet, amount=-3, key="a", description="A mistake of ours")
    return dora


def file_of(user, month=THIS):
    """The bytes that a download of the statement has."""
    return b"".join(written(statement_of(user, month)))


def refusal(data, known=None):
    """Why a file is refused; the test fails where it is accepted."""
    with pytest.raises(proof.Refused) as refused:
        proof.verify(data, keys=keys.known() if known is None else known)
    return refused.value


def moved_to(user, *moments):
    """Let the entries of `user` have happened at other moments, their chain made anew as the ledger would have."""
    wallet = Wallet.objects.get(owner=user)
    with triggers_asleep() as cursor:
        head = bytes(32)
        for entry, at in zip(Entry.objects.filter(wallet=wallet).order_by("seq"), moments, strict=True):
            cursor.execute("UPDATE credits_entry SET created_at = %s WHERE id = %s", [at, entry.pk])
            cursor.execute(
                "UPDATE credits_entry e SET hash = sha256(%s || ledger_entry_bytes(e)) WHERE id = %s RETURNING hash",
                [head, entry.pk],
            )
            head = bytes(cursor.fetchone()[0])
        cursor.execute(
            "UPDATE credits_wallet SET head = %s, opened_at = %s WHERE id = %s",
            [head, moments[0], wallet.pk],
        )


def resigned(statement):
    """The statement written and signed anew, as only the studio could."""
    unsigned = proof._unsigned(statement)
    digest = hashlib.sha256(unsigned.encode()).digest()
    return (unsigned + form.end(keys.sign(form.signed_message(digest)))).encode()


def test_a_statement_verifies(busy):
    found = proof.verify(file_of(busy), keys=keys.known())
    assert (found.month, found.entries) == (str(THIS), 7)
    assert found.opening == form.BEGINNING
    assert (found.closing.seq, found.closing.balance, found.closing.held) == (7, 14, 0)
    assert found.closing.head == bytes(Wallet.objects.get(owner=busy).head).hex()
    assert found.signed_by == keys.published()[0].id


def test_its_totals_are_what_came_and_went(busy):
    totals = json.loads(file_of(busy))["totals"]
    assert totals == {"grant": 20, "refund": 2, "settle": -5, "expire": 0, "adjust": -3}


def test_what_was_taken_back_and_restored_has_totals_of_its_own(dora):
    wallet = dora.wallet.pk
    pack = fund(wallet, 20, source="purchase")
    taken = ledger.clawback(
        wallet_id=wallet, lot_ids=[pack.lot_id], amount=12, key="c", description="Refunded"
    )
    before = proof.verify(file_of(dora), keys=keys.known())
    ledger.restore(entry_id=taken.entry_id, description="The dispute was won")
    data = file_of(dora)
    assert json.loads(data)["totals"] == {
        "grant": 20, "refund": 0, "settle": 0, "expire": 0, "adjust": 0, "clawback": -12, "restore": 12,
    }  # fmt: skip
    assert proof.verify(data, keys=keys.known()).closing.balance == before.closing.balance + 12
    assert "totals" in str(refusal(data.replace(b', "clawback": -12, "restore": 12', b"")))


def test_every_byte_counts(busy):
    """H4: whichever byte is changed, the file is refused."""
    data, known = file_of(busy), keys.known()
    accepted = []
    for place in range(len(data)):
        for flip in (1, 32):
            forged = bytearray(data)
            forged[place] ^= flip
            try:
                proof.verify(bytes(forged), keys=known)
            except proof.Refused:
                continue
            accepted.append((place, data[max(0, place - 20) : place + 20]))
    assert accepted == []


@pytest.mark.parametrize("field", list(form.ENTRY))
def test_every_field_of_an_entry_counts_even_without_a_signature(busy, field):
    """The chain alone finds it, and says at which entry."""
    statement = json.loads(file_of(busy))
    for number, entry in enumerate(statement["entries"], start=1):
        forged = json.loads(json.dumps(statement))
        forged["entries"][number - 1][field] = _other(entry[field])
        data = (proof._unsigned(forged) + form.end(forged["signature"])).encode()
        with pytest.raises(proof.Refused) as refused:
            proof.verify(data, keys=None)
        assert refused.value.entry in {number, number + 1}


def _other(value):
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "x"
    return value[:-1] + ("0" if value[-1:] != "0" else "1") if value else "x"


@pytest.mark.parametrize("act", ["left out", "swapped", "added"])
def test_entries_cannot_be_left_out_swapped_or_added(busy, act):
    statement = json.loads(file_of(busy))
    rows = statement["entries"]
    if act == "left out":
        del rows[2]
    elif act == "swapped":
        rows[1], rows[2] = rows[2], rows[1]
    else:
        rows.insert(3, rows[2])
    assert refusal(resigned(statement)).entry is not None


@pytest.mark.parametrize("end", [0, -1])
def test_entries_at_the_ends_cannot_be_left_out(busy, end):
    statement = json.loads(file_of(busy))
    del statement["entries"][end]
    refusal(resigned(statement))


def test_a_chain_forged_from_end_to_end_lacks_the_signature(busy):
    """Hashes alone cannot tell a consistent forgery: the signature can."""
    statement = json.loads(file_of(busy))
    entry = statement["entries"][0]
    head = bytes(32)
    entry["amount"] = entry["balance_after"] = 2_000
    for row in statement["entries"]:
        row["balance_after"] += 0 if row is entry else 1_980
        row["hash"] = hashlib.sha256(head + form.hashed_text(statement["account"]["wallet"], row)).hexdigest()
        head = bytes.fromhex(row["hash"])
    statement["totals"]["grant"] = 2_000
    statement["closing"].update(balance=1_994, head=head.hex())
    forged = (proof._unsigned(statement) + form.end(statement["signature"])).encode()
    assert proof.verify(forged, keys=None).closing.balance == 1_994
    assert "signature" in str(refusal(forged))
    mallory = Ed25519PrivateKey.generate()
    statement["signature"]["value"] = mallory.sign(b"anything").hex()
    assert "signature" in str(
        refusal((proof._unsigned(statement) + form.end(statement["signature"])).encode())
    )


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"null", b"\xff", b"{}", b'{"format": "atelier-statement/1"}', b"[" * 100_000,
        b'{"format": "atelier-statement/2"}', b"1" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_statement_is_refused_in_words(data):
    assert str(refusal(data, {}))


@given(data=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_noise_is_refused_and_never_an_error(data):
    with pytest.raises(proof.Refused):
        proof.verify(data, keys={})


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("account", "wallet"), True), (("account", "wallet"), 1.0), (("account", "email"), "\ud800"),
        (("opening", "seq"), -1), (("opening", "balance"), 1), (("opening", "head"), "AB" * 32),
        (("period", "month"), "2026-13"), (("period", "from"), "soon"), (("closing", "held"), 1),
        (("totals", "grant"), 21), (("signature", "algorithm"), "none"), (("signature", "key"), "0" * 16),
        (("signature", "value"), ""), (("entries",), {}), (("format",), 1),
    ],
)  # fmt: skip
def test_a_statement_of_another_shape_is_refused(busy, place, value):
    statement = json.loads(file_of(busy))
    inner = statement
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    refusal(json.dumps(statement).encode())


def test_months_chain(dora):
    for amount in (5, 6, 7, 8):
        fund(dora.wallet.pk, amount)
    last, one_before = THIS.previous, THIS.previous.previous
    edge = THIS.start
    moved_to(dora, one_before.start, last.start, edge - timedelta(microseconds=1), edge)
    proofs = [proof.verify(file_of(dora, month), keys=keys.known()) for month in (one_before, last, THIS)]
    assert [found.entries for found in proofs] == [1, 2, 1]
    assert [found.closing.balance for found in proofs] == [5, 18, 26]
    proof.require_following(proofs[0], proofs[1])
    proof.require_following(proofs[1], proofs[2])
    with pytest.raises(proof.Refused, match="does not begin where"):
        proof.require_following(proofs[0], proofs[2])
    listed = statements_of(dora)
    assert [(str(one.month), one.count, one.is_over) for one in listed] == [
        (str(THIS), 1, False),
        (str(last), 2, True),
        (str(one_before), 1, True),
    ]
    assert [one.closing.balance for one in listed] == [26, 18, 5]
    assert [str(one.month) for one in statements_of(dora, until=last, most=1)] == [str(last)]


def test_a_month_in_which_nothing_moved_verifies(dora):
    fund(dora.wallet.pk, 5)
    moved_to(dora, THIS.previous.start)
    found = proof.verify(file_of(dora), keys=keys.known())
    assert (found.entries, found.opening) == (0, found.closing)
    assert found.opening.balance == 5


@pytest.mark.parametrize("month", [THIS.next, THIS.previous, Month(1, 1), Month(9999, 12)])
def test_there_is_no_statement_before_the_wallet_or_after_today(dora, month):
    with pytest.raises(Missing):
        statement_of(dora, month)


def test_places_are_found_whatever_the_length(dora):
    for amount in range(1, 40):
        fund(dora.wallet.pk, amount)
    rows = list(Entry.objects.filter(wallet=dora.wallet).order_by("seq"))
    moments = [row.created_at for row in rows]
    after = [moment + timedelta(microseconds=1) for moment in moments]
    assert journal.places_before(dora.wallet.pk, moments) == list(range(39))
    assert journal.places_before(dora.wallet.pk, after) == list(range(1, 40))
    assert journal.places_before(dora.wallet.pk, []) == []
    assert journal.places_before(0, moments[:1]) == [0]


def test_more_than_one_batch_is_written(dora, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(journal, "BATCH", 3)
    for amount in range(1, 9):
        fund(dora.wallet.pk, amount)
    found = statement_of(dora, THIS)
    with django_assert_num_queries(4):  # totals, three batches
        data = b"".join(written(found))
    assert proof.verify(data, keys=keys.known()).entries == 8


def test_an_entry_that_comes_while_it_is_written_is_left_for_the_next(dora):
    fund(dora.wallet.pk, 5)
    found = statement_of(dora, THIS)
    fund(dora.wallet.pk, 6)
    assert proof.verify(b"".join(written(found)), keys=keys.known()).closing.balance == 5


def test_a_key_that_signed_before_is_still_known(busy):
    data = file_of(busy)
    seed = base64.b64encode(b"k" * 32).decode()
    public = keys.published()[0].text
    with override_settings(STATEMENT_SIGNING_KEY=seed):
        assert "key" in str(refusal(data))
        assert proof.verify(file_of(busy), keys=keys.known()).signed_by == keys.published()[0].id
        with override_settings(STATEMENT_FORMER_KEYS=[public]):
            proof.verify(data, keys=keys.known())
            assert [key.is_current for key in keys.published()] == [True, False]


def test_a_new_secret_key_keeps_the_statements_of_the_one_before(busy, settings):
    data, before = file_of(busy), settings.SECRET_KEY
    with override_settings(SECRET_KEY="y" * 60, SECRET_KEY_FALLBACKS=[before]):
        assert proof.verify(data, keys=keys.known()).signed_by != keys.published()[0].id


def test_the_command_accepts_refuses_and_names_the_entry(busy, tmp_path, capsys):
    path = tmp_path / "statement.json"
    path.write_bytes(file_of(busy))
    call_command("verify_statement", path)
    assert "wallet" in capsys.readouterr().out
    path.write_bytes(path.read_bytes().replace(b'"amount": -5', b'"amount": -4'))
    with pytest.raises(CommandError, match="Entry 3"):
        call_command("verify_statement", path)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_statement", tmp_path / "nowhere.json")


def test_the_command_follows_from_month_to_month(dora, tmp_path):
    fund(dora.wallet.pk, 5)
    fund(dora.wallet.pk, 6)
    moved_to(dora, THIS.previous.start, THIS.start)
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    first.write_bytes(file_of(dora, THIS.previous))
    second.write_bytes(file_of(dora))
    call_command("verify_statement", first, second)
    with pytest.raises(CommandError, match="does not begin where"):
        call_command("verify_statement", second, first)


def test_the_command_goes_by_keys_that_were_kept(busy, tmp_path, client):
    statement, kept = tmp_path / "statement.json", tmp_path / "keys.json"
    statement.write_bytes(file_of(busy))
    kept.write_bytes(client.get("/api/v1/credits/statements/keys").content)
    with override_settings(SECRET_KEY="z" * 60):
        call_command("verify_statement", statement, keys=kept)
        with pytest.raises(CommandError, match="not signed by a key"):
            call_command("verify_statement", statement)
    kept.write_text("{}")
    with pytest.raises(CommandError, match="not the keys"):
        call_command("verify_statement", statement, keys=kept)


def test_the_verifier_needs_no_django():
    code = "import sys, credits.statements.proof; sys.exit('django' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_the_text_is_that_of_the_ledger(busy):
    statement = json.loads(file_of(busy))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, ledger_entry_bytes(e) FROM credits_entry e WHERE wallet_id = %s", [busy.wallet.pk]
        )
        texts = {seq: bytes(text) for seq, text in cursor.fetchall()}
    wallet = statement["account"]["wallet"]
    assert {row["seq"]: form.hashed_text(wallet, row) for row in statement["entries"]} == texts


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("2026-11", (2026, 11)),
        ("2026-1", None),
        ("2026-13", None),
        ("0000-01", None),
        ("٢٠٢٦-11", None),
        ("", None),
    ],
)
def test_months_are_read_strictly(name, read):
    found = Month.read(name)
    assert (found and (found.year, found.number)) == read


def test_months_follow_each_other():
    december = Month(2026, 12)
    assert str(december.next) == "2027-01"
    assert december.end == december.next.start == datetime(2027, 1, 1, tzinfo=UTC)
    assert december.next.previous == december
