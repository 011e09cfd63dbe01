"""A27: what pg_dump wrote restores whole: every row, every guard, a ledger that proves itself and goes on."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from config.devserver.postgres import program
from orchestration.services import start_session
from tests.config.test_limit_role import ROLE
from tests.credits.test_rebuilding import live
from tests.support.people import open_account
from tests.support.sessions import draft, drive, on_plan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
COPY = "atelier_restored"
RESTORE = ("--clean", "--if-exists", "--no-privileges", "--single-transaction")
LONGEST_MINUTES = 30


@pytest.fixture
def copy() -> Iterator[str]:
    """The address of an empty database beside the tests' own; the product's role owns nothing in it."""
    call_command("limit_role", ROLE, stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {COPY} TEMPLATE template0")
    yield urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{COPY}"))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {COPY} WITH (FORCE)")
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


@pytest.mark.parametrize(
    "wallets", [pytest.param(4, id="fast"), pytest.param(400, marks=pytest.mark.slow, id="full")]
)
def test_a_dump_restores_whole_and_the_ledger_goes_on(copy: str, tmp_path: Path, wallets: int) -> None:
    author = on_plan(open_account("alice"))
    session = drive(start_session(session_id=draft(author, model="house").pk, user=author))
    assert session.status == "completed"
    for seed in range(wallets):
        live(seed)
    dump = tmp_path / "atelier.dump"
    began = time.monotonic()
    _run("pg_dump", "-d", _here(), "-Fc", "-f", str(dump))
    dumped = time.monotonic()
    _run("pg_restore", "-d", copy, *RESTORE, str(dump))
    restored = time.monotonic()
    _assert_same(copy)
    said = _manage(copy, "verify_ledger") + _manage(copy, "rebuild_projections")
    proved = time.monotonic()
    assert ", 0 put right." in said
    _assert_guarded_and_alive(copy)

    _run("pg_restore", "-d", copy, *RESTORE, str(dump))  # and over what was done since
    _assert_same(copy)
    print(
        f"{wallets + 1} wallets, {dump.stat().st_size / 1e6:.1f} MB: dumped in {dumped - began:.1f} s, "
        f"restored in {restored - dumped:.1f} s, proved in {proved - restored:.1f} s"
    )
    assert proved - dumped < LONGEST_MINUTES * 60


def _here() -> str:
    """The address of the tests' database."""
    return urlunsplit(
        urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    )


def _run(name: str, *arguments: str) -> None:
    done = subprocess.run([program(name), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _manage(database: str, command: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _picture(database: str) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    found = {}
    with psycopg.connect(database) as asked:
        tables = asked.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            rows = asked.execute(f"SELECT t::text FROM public.{table} t").fetchall()  # noqa: S608
            found[table] = sorted(text for (text,) in rows)
    return found


def _assert_same(copy: str) -> None:
    here, there = _picture(_here()), _picture(copy)
    assert here.keys() == there.keys()
    assert [table for table in here if here[table] != there[table]] == []
    assert len(here["credits_entry"]) > len(here["credits_wallet"]) > 1


def _assert_guarded_and_alive(copy: str) -> None:
    """The journal still refuses changes, and credits still move."""
    with psycopg.connect(copy) as asked:
        with pytest.raises(psycopg.errors.RestrictViolation), asked.transaction():
            asked.execute("UPDATE credits_entry SET amount = amount + 1")
        asked.execute(
            """SELECT ledger_grant(id, 5, 'bonus', gen_random_uuid(), NULL, NULL, '', NULL, NULL, '')
               FROM credits_wallet"""
        )
