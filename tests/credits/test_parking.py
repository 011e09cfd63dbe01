"""Parked wallets: by the nightly proof, by an operator, and let work again; each in the audit log."""

import pytest

from accounts.models import AuditEntry
from config.common.errors import Conflict, Invalid
from credits import corrections, ledger, parking, tasks
from credits.models import Wallet
from tests.credits.books import figures, fund, funded_wallet, hold, triggers_asleep
from tests.credits.correcting import ask

pytestmark = pytest.mark.django_db


def acts():
    """What the audit log has of wallets, oldest first."""
    found = AuditEntry.objects.filter(subject_kind="wallet").order_by("id")
    return list(found.values_list("act", "actor_id", "reason"))


def test_an_operator_parks_and_unparks_with_reasons(alice, olga):
    parking.park(wallet=alice.wallet, reason="Asked for by the owner", actor=olga)
    with pytest.raises(ledger.WalletParked):
        hold(alice.wallet.pk, 1)
    parking.unpark(wallet=alice.wallet, reason="Looked at, all is well", actor=olga)
    hold(alice.wallet.pk, 1)
    assert acts() == [
        ("wallet.parked", olga.pk, "Asked for by the owner"),
        ("wallet.unparked", olga.pk, "Looked at, all is well"),
    ]


def test_twice_is_refused_and_so_is_no_reason(alice, olga):
    with pytest.raises(Conflict, match="not parked"):
        parking.unpark(wallet=alice.wallet, reason="why not", actor=olga)
    with pytest.raises(Invalid):
        parking.park(wallet=alice.wallet, reason="  ", actor=olga)
    parking.park(wallet=alice.wallet, reason="first", actor=olga)
    with pytest.raises(Conflict, match="parked already"):
        parking.park(wallet=alice.wallet, reason="second", actor=olga)
    assert Wallet.objects.get(pk=alice.wallet.pk).parked_reason == "first"
    assert [act for act, _, _ in acts()] == ["wallet.parked"]


def test_the_nightly_proof_parks_what_drifted_alone(alice, bob):
    """A22: one figure is off by one; that wallet refuses holds, others work, and what it held may settle."""
    fund(alice.wallet.pk, 10)
    running = hold(alice.wallet.pk, 4)
    with triggers_asleep() as cursor:
        cursor.execute("UPDATE credits_wallet SET available = available + 1 WHERE id = %s", [alice.wallet.pk])
    tasks.verify_ledger()
    tasks.verify_ledger()
    assert [(act, actor) for act, actor, _ in acts()] == [("wallet.parked", None)]
    with pytest.raises(ledger.WalletParked):
        hold(alice.wallet.pk, 1)
    ledger.settle(hold_id=running.hold_id, amount=2, key="s")
    hold(bob.wallet.pk, 1)


def test_a_wallet_that_is_still_broken_stays_parked(alice, olga):
    with triggers_asleep() as cursor:
        cursor.execute("UPDATE credits_wallet SET available = available + 1 WHERE id = %s", [alice.wallet.pk])
    parking.park_drifted()
    with pytest.raises(parking.StillBroken, match="It stays parked: I01"):
        parking.unpark(wallet=alice.wallet, reason="Looked at, all is well", actor=olga)
    assert Wallet.objects.get(pk=alice.wallet.pk).parked_at is not None
    assert [act for act, _, _ in acts()] == ["wallet.parked"]


def test_a_parked_wallet_can_be_corrected(alice, olga):
    before = figures(alice.wallet.pk)[0]
    parking.park(wallet=alice.wallet, reason="Being looked at", actor=olga)
    ask(alice.wallet, olga)
    ask(alice.wallet, olga, credits=20, kind=corrections.Kind.TAKE)
    assert figures(alice.wallet.pk) == (before + 30, 0)


def test_an_erased_accounts_wallet_can_be_parked(olga):
    wallet = Wallet.objects.get(pk=funded_wallet(5))
    parking.park(wallet=wallet, reason="Being looked at", actor=olga)
    assert AuditEntry.objects.get(act="wallet.parked").user_id is None
