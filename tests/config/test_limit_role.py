"""A19, by privilege: the role that the product runs under cannot change the past, guards or no guards."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from accounts import audit
from accounts.models import AuditEntry
from credits import ledger
from tests.credits.books import assert_whole, figures, fund, hold
from tests.credits.correcting import ask
from tests.support.people import open_account

ROLE = "atelier_app_of_tests"
JOURNAL = ("credits_entry", "credits_lotmovement", "credits_holddraw", "accounts_auditentry")


@pytest.fixture
def limited(db: None) -> Iterator[str]:
    """The role, set up; what the command said."""
    said = StringIO()
    call_command("limit_role", ROLE, stdout=said)
    yield said.getvalue()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


@contextmanager
def as_role() -> Iterator[None]:
    """Run what is within under the role; what fails takes the role back with its savepoint."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
        yield
        cursor.execute("RESET ROLE")


def refused(statement: str) -> None:
    """The statement fails for want of a privilege, before any trigger is asked."""
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        _as_role(statement)


def _as_role(statement: str) -> None:
    with as_role(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", JOURNAL)
def test_the_past_cannot_be_changed(limited, table):
    connection.check_constraints()
    for statement in (
        f"UPDATE {table} SET {'amount = amount' if 'credits' in table else 'reason = reason'}",  # noqa: S608
        f"DELETE FROM {table}",  # noqa: S608
        f"TRUNCATE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
    ):
        refused(statement)


@pytest.mark.parametrize("table", ["credits_wallet", "credits_lot", "credits_hold", "credits_correction"])
def test_what_changes_in_place_is_never_deleted(limited, table):
    connection.check_constraints()
    for verb in ("DELETE FROM", "TRUNCATE", "DROP TABLE"):
        refused(f"{verb} {table}")


def test_nothing_can_be_put_in_the_guards_way(limited):
    refused("CREATE TABLE mine (id int)")
    refused("SET session_replication_role = replica")
    refused("DROP FUNCTION ledger_refuse() CASCADE")


def test_the_product_works_under_it(limited, olga):
    with as_role():
        alice = open_account("alice")
        before = figures(alice.wallet.pk)[0]
        fund(alice.wallet.pk, 20)
        held = hold(alice.wallet.pk, 12)
        ledger.settle(hold_id=held.hold_id, amount=9, key="s")
        ledger.refund(hold_id=held.hold_id, amount=2, key="r")
        ask(alice.wallet, olga)
        audit.write(act="a", subject=alice, reason="why not, then", actor=olga)
        assert figures(alice.wallet.pk) == (before + 20 - 7 + 50, 0)
        assert AuditEntry.objects.count() == 2
        alice.delete()
        assert_whole()


def test_the_command_says_what_it_took_and_may_run_again(limited):
    assert "credits_entry: no UPDATE and no DELETE" in limited
    assert "credits_wallet: no DELETE" in limited
    call_command("limit_role", ROLE, stdout=StringIO())
    refused("DELETE FROM credits_entry")
