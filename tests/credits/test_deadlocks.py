"""A20: whoever moves the credits of several accounts at once waits for others, and never forever."""

import contextlib
import os
import random
import time

import pytest
from django.db import OperationalError, connection, transaction

from config.common.errors import DomainError
from credits import corrections, ledger, parking, rebuilding, resets, tasks, upkeep
from credits.corrections import Kind
from credits.models import Correction, Entry, Wallet
from tests.credits.books import assert_whole, fresh_key, fund, hold
from tests.credits.correcting import ask
from tests.credits.months import monthly_wallet
from tests.credits.races import at_once, kinds
from tests.support.people import open_account, open_operator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

THREADS = 16


@pytest.fixture
def dice():
    """Chance that can be had again: FAULTS_SEED=<seed>."""
    seed = os.environ.get("FAULTS_SEED") or str(random.randrange(10**6))
    print(f"FAULTS_SEED={seed}")
    return seed


class Busy:
    """One thread that does, to random pairs of wallets, everything that touches more than one row."""

    def __init__(self, seed, wallets, operators):
        self.chance = random.Random(seed)
        self.wallets, self.operators = wallets, operators
        self.acts = 0

    def until(self, deadline):
        """Act until then; what the studio refuses in words is no error, all else is."""
        while time.monotonic() < deadline:
            act = self.chance.choice(
                [self.spend, self.spend, self.correct, self.correct, self.decide, self.sweep, self.turn_month]
            )
            with contextlib.suppress(DomainError):  # refused as it should be: no failure
                act(*self.chance.sample(self.wallets, 2))
            self.acts += 1
        return self.acts

    def spend(self, first, second):
        """Hold in both, then settle the later one first."""
        held = [hold(wallet.pk, self.chance.randrange(1, 4)) for wallet in (first, second)]
        fund(first.pk, 5, minutes=self.chance.choice([None, 0.0005, 5]))
        for one in reversed(held):
            ledger.settle(hold_id=one.hold_id, amount=1, key=fresh_key())
        ledger.refund(hold_id=held[0].hold_id, amount=1, key=fresh_key())

    def correct(self, first, second):
        """Operators move the credits of anybody, of each other too."""
        actor = self.chance.choice(self.operators)
        for wallet in (first, second):
            ask(wallet, actor, credits=1, kind=self.chance.choice([Kind.GRANT, Kind.TAKE]))

    def decide(self, *_):
        waiting = Correction.objects.pending().order_by("?").first()
        if waiting is not None:
            corrections.approve(correction_id=waiting.pk, actor=self.chance.choice(self.operators))

    def sweep(self, first, _):
        upkeep.sweep_expired()
        upkeep.release_overdue()
        list(rebuilding.rebuild(wallet_id=first.pk))

    def turn_month(self, first, second):
        """Make both due, in either order, and let the clock ring."""
        chosen = self.chance.choice([parking.park_drifted, resets.run, tasks.reset_months])
        for wallet in (first, second):
            resets.begin(wallet_id=wallet.pk)
        chosen()


@pytest.mark.parametrize(
    "seconds", [pytest.param(2, id="fast"), pytest.param(60, marks=pytest.mark.slow, id="full")]
)
def test_random_pairs_of_wallets_never_lock_each_other_out(dice, seconds):
    operators = [open_operator(name) for name in ("olga", "otto", "oskar")]
    people = [open_account(f"writer{number}") for number in range(5)]
    wallets = [one.wallet for one in operators + people]
    wallets += [Wallet.objects.get(pk=monthly_wallet(20)) for _ in range(4)]
    for wallet in wallets:
        fund(wallet.pk, 500)
    before = deadlocks()
    threads = [Busy(f"{dice}:{number}", wallets, operators) for number in range(THREADS)]
    deadline = time.monotonic() + seconds
    results = at_once(*[lambda one=one: one.until(deadline) for one in threads])
    assert kinds(results) == [], results
    assert deadlocks() == before
    assert min(results) > 0
    print(f"{sum(results)} acts of {THREADS} threads, {Entry.objects.count()} entries, no deadlock")
    assert_whole()


def test_wallets_locked_in_either_order_would_deadlock():
    """The positive control: what no act of the ledger does."""
    wallets = [Wallet.objects.get(pk=monthly_wallet(20)).pk for _ in range(2)]
    before = deadlocks()

    def both(order):
        with transaction.atomic():
            for wallet_id in order:
                Wallet.objects.select_for_update().get(pk=wallet_id)
                time.sleep(0.2)

    results = at_once(lambda: both(wallets), lambda: both(wallets[::-1]))
    [error] = [result for result in results if result is not None]
    assert isinstance(error, OperationalError)
    assert "deadlock detected" in str(error)
    assert deadlocks() == before + 1


def deadlocks():
    """How many the database has resolved by refusing somebody, once the others have told."""
    time.sleep(0.1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]
