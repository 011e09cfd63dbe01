"""Resets beside each other, beside movements, and killed: every month begins once, and wholly."""

import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from credits import ledger, resets, tasks, upkeep
from credits.models import Hold, Lot, MonthlyAllowance, Wallet
from tests.credits.books import assert_whole, figures, hold, travel
from tests.credits.months import allowances, minutes_left, monthly_wallet, running_wallet, travel_on
from tests.credits.races import at_once, kinds
from tests.credits.test_races import figure

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

SOON = timedelta(seconds=1)


def due_wallets(count):
    """Wallets whose month, the first, is due now by the real clock."""
    return [monthly_wallet(20, anchor=datetime.now(UTC) - SOON) for _ in range(count)]


@figure(2, 20)
def test_two_beats_and_twenty_calls_begin_each_month_once(times, monkeypatch):
    """A14: two clocks that ring five times each, and twenty calls of the task beside them."""
    monkeypatch.setattr(resets, "BATCH", 7)

    def beat():
        return sum(resets.run() for _ in range(5))

    for _ in range(times):
        wallets = due_wallets(40)
        results = at_once(beat, beat, *[tasks.reset_months] * 20)
        assert kinds(results) == []
        assert [len(allowances(wallet_id)) for wallet_id in wallets] == [1] * 40
        assert not MonthlyAllowance.objects.filter(due_at__lte=datetime.now(UTC)).exists()
        assert {figures(wallet_id) for wallet_id in wallets} == {(20, 0)}
    assert_whole()


def naive_reset(wallet_id):
    """Look whether the month has its allowance, then grant it: what the reset does not do."""
    if not Lot.objects.filter(wallet=wallet_id).exists():
        time.sleep(0.005)  # the time that any work between looking and granting needs
        ledger.grant(wallet_id=wallet_id, amount=20, source="bonus", key=f"{time.monotonic_ns()}")


def test_the_race_would_catch_a_reset_that_looks_and_then_grants():
    """The positive control: the same calls on check-then-write grant a month more than once."""
    (wallet_id,) = due_wallets(1)
    at_once(*[lambda: naive_reset(wallet_id)] * 22)
    assert figures(wallet_id)[0] > 20


@figure(40, 500)
def test_a_reset_races_with_a_hold_and_a_sweep(times):
    """A12, A16: the old month's credits are spent or expire, never both; the new month is whole."""
    for _ in range(times):
        wallet_id = running_wallet(20)
        travel(minutes_left(wallet_id) - 10)
        held = hold(wallet_id, 12)
        travel_on(12)
        results = at_once(
            resets.run,
            lambda w=wallet_id: ledger.expire(wallet_id=w, key=f"sweep:{w}"),
            lambda h=held.hold_id: ledger.settle(hold_id=h, amount=5, key=f"settle:{h}"),
            lambda w=wallet_id: hold(w, 20),
        )
        assert set(kinds(results)) <= {"InsufficientCredits"}
        for late in Hold.objects.open():
            ledger.release(hold_id=late.pk, key=f"release:{late.pk}")
        upkeep.sweep_expired()
        assert figures(wallet_id) == (20, 0)
        assert len(allowances(wallet_id)) == 2
        MonthlyAllowance.objects.all().delete()
    assert_whole()


def test_a_busy_wallet_is_waited_for():
    """A movement that takes its time makes its own wallet late, by that time."""
    wallets = due_wallets(3)
    began = []

    def movement():
        with transaction.atomic():
            Wallet.objects.select_for_update().get(pk=wallets[1])
            began.append(time.monotonic())
            time.sleep(0.5)

    def run():
        while not began:
            time.sleep(0.001)
        return resets.run()

    results = at_once(movement, run)
    assert results[1] == 3
    assert time.monotonic() - began[0] >= 0.5


def test_arrangements_and_resets_at_once_leave_the_last_arrangement():
    for _ in range(10):
        (wallet_id,) = due_wallets(1)
        at_once(
            resets.run,
            lambda w=wallet_id: resets.stop(wallet_id=w),
            resets.run,
        )
        assert len(allowances(wallet_id)) <= 1
        assert not MonthlyAllowance.objects.filter(pk=wallet_id).exists()
    assert_whole()


SWEEP = """
import django
django.setup()
from credits import resets
resets.BATCH = 20
resets.run()
"""


@figure(2, 20)
def test_a_sweep_that_is_killed_goes_on_where_it_was(times):
    """Killed again and again in its middle: each wallet is in the old month or in the new one, none between."""
    chance = random.Random(17)
    wallets = due_wallets(400 * times)
    for _ in range(times):
        left = due_now() - chance.randrange(20, 120)
        with sweeping() as process:
            wait_for(lambda left=left: due_now() < left)
            process.kill()
        waiting = due_now()
        assert waiting > 0
        assert Lot.objects.filter(wallet__in=wallets).count() == len(wallets) - waiting
        assert_whole()
    assert resets.run() == waiting
    assert [len(allowances(wallet_id)) for wallet_id in wallets] == [1] * len(wallets)
    assert_whole()


def due_now():
    """How many wait for their month."""
    return MonthlyAllowance.objects.filter(due_at__lte=datetime.now(UTC)).count()


def wait_for(condition):
    """Look as often as the database answers."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline


def sweeping():
    """A process of its own that resets in small batches, on the test database."""
    server = connection.get_connection_params()
    url = f"postgres://{server['user']}@/{server['dbname']}?host={quote(server['host'], safe='')}"
    return subprocess.Popen(
        [sys.executable, "-c", SWEEP],
        env={**os.environ, "DATABASE_URL": url},
    )
