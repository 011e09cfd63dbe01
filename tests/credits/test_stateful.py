"""The ledger against a plain Python model, movement by movement, every invariant after each."""

import os
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from credits import ledger, parking, resets, verification
from credits.models import Wallet
from tests.credits.books import fresh_key, hold, in_minutes, ownerless_wallet, travel
from tests.credits.months import monthly
from tests.credits.oracle import Oracle

EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "500"))
LONGEST = 50  # minutes that a machine's clock may run: less than the sweep's hour
SOURCES = ["purchase", "bonus", "allowance"]


def proof():
    """All invariants as one statement."""
    return " UNION ALL ".join(
        f"SELECT '{rule.code}', q.* FROM ({rule.query}) q(wallet_id, detail)"  # noqa: S608
        for rule in verification.invariants()
        if rule.code[1:] < "12" or rule.code in ("I21", "I26", "I29")
    )


class Movements(RuleBasedStateMachine):
    """Two wallets, every movement, each possibly repeated with its key; time passes between them."""

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.wallets = {ownerless_wallet(): Oracle() for _ in range(2)}
        self.proof = proof()
        self.start, self.clock = in_minutes(0), 0
        self.done = []
        self.taken = {0: {}, 1: {}}
        for index in (0, 1):  # something to move from the first step on
            self.grant_lot(index, 40, "purchase", None, 0)
            self.grant_lot(index, 20, "bonus", 10, 0)

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def move(self, movement, replays):
        """Do it, and again with the same key: the first result comes back."""
        first = movement()
        for _ in range(replays):
            again = movement()
            assert again.replayed
            assert again.entry_id == first.entry_id
        self.done.append((movement, first.entry_id))
        return first

    def draw_hold(self, data, wallet_id, condition):
        """One of the wallet's holds that fits."""
        holds = self.wallets[wallet_id].holds
        return data.draw(st.sampled_from([number for number, h in holds.items() if condition(h)]))

    wallet = st.integers(0, 1)
    replays = st.sampled_from([0, 0, 1, 2])

    def pick(self, index):
        """A wallet and its model."""
        return list(self.wallets.items())[index]

    @rule(
        index=wallet,
        amount=st.integers(1, 40),
        source=st.sampled_from(SOURCES),
        lifetime=st.sampled_from([None, 5, 15, 30]),
        replays=replays,
    )
    def grant(self, index, amount, source, lifetime, replays):
        self.grant_lot(index, amount, source, lifetime, replays)

    def grant_lot(self, index, amount, source, lifetime, replays):
        """Grant in the ledger and in the model."""
        wallet_id, oracle = self.pick(index)
        if source == "allowance":
            lifetime = lifetime or 30
        key, expires_at = fresh_key(), lifetime and self.start + timedelta(minutes=lifetime)
        start = self.start + timedelta(microseconds=len(oracle.lots)) if source == "allowance" else None
        self.move(
            lambda: ledger.grant(
                wallet_id=wallet_id,
                amount=amount,
                source=source,
                key=key,
                expires_at=expires_at,
                period_start=start,
            ),
            replays,
        )
        self.done.pop()  # its end moves with the clock: a later call is not the same
        oracle.grant(amount, source, lifetime)

    @rule(index=wallet, amount=st.integers(1, 60), replays=replays)
    def hold(self, index, amount, replays):
        wallet_id, oracle = self.pick(index)
        key = fresh_key()
        if oracle.owed:
            with pytest.raises(ledger.CreditsOwed) as refusal:
                hold(wallet_id, amount, key=key)
            assert refusal.value.details["owed"] == oracle.owed
            return
        if amount > oracle.spendable:
            with pytest.raises(ledger.InsufficientCredits) as refusal:
                hold(wallet_id, amount, key=key)
            assert refusal.value.details["available"] == oracle.spendable
            return
        held = self.move(lambda: hold(wallet_id, amount, key=key), replays)
        oracle.hold(held.hold_id, amount)
        if replays:
            with pytest.raises(ledger.IdempotencyConflict):
                hold(wallet_id, amount + 1, key=key)

    @rule(data=st.data(), index=wallet, share=st.integers(0, 130), replays=replays)
    def settle(self, data, index, share, replays):
        wallet_id, oracle = self.pick(index)
        if not any(h.settled is None for h in oracle.holds.values()):
            return
        hold_id = self.draw_hold(data, wallet_id, lambda h: h.settled is None)
        amount, key = oracle.holds[hold_id].amount * share // 100, fresh_key()
        if amount > oracle.holds[hold_id].amount:
            with pytest.raises(ledger.HoldExceeded):
                ledger.settle(hold_id=hold_id, amount=amount, key=key)
            return
        self.move(lambda: ledger.settle(hold_id=hold_id, amount=amount, key=key), replays)
        oracle.settle(hold_id, amount)

    @rule(data=st.data(), index=wallet, replays=replays)
    def release(self, data, index, replays):
        wallet_id, oracle = self.pick(index)
        if not oracle.holds:
            return
        hold_id, key = self.draw_hold(data, wallet_id, lambda h: True), fresh_key()
        if oracle.holds[hold_id].settled is not None:
            with pytest.raises(ledger.HoldResolved):
                ledger.release(hold_id=hold_id, key=key)
            return
        self.move(lambda: ledger.release(hold_id=hold_id, key=key), replays)
        oracle.settle(hold_id, 0)

    @rule(data=st.data(), index=wallet, amount=st.integers(1, 15), replays=replays)
    def refund(self, data, index, amount, replays):
        wallet_id, oracle = self.pick(index)
        if not oracle.holds:
            return
        hold_id, key = self.draw_hold(data, wallet_id, lambda h: True), fresh_key()
        held = oracle.holds[hold_id]
        if amount > (held.settled or 0) - held.refunded:
            with pytest.raises(ledger.RefundExceeded):
                ledger.refund(hold_id=hold_id, amount=amount, key=key)
            return
        self.move(lambda: ledger.refund(hold_id=hold_id, amount=amount, key=key), replays)
        oracle.refund(hold_id, amount)

    @rule(data=st.data(), index=wallet, amount=st.integers(1, 60), replays=replays)
    def clawback(self, data, index, amount, replays):
        wallet_id, oracle = self.pick(index)
        ids = list(Wallet.objects.get(pk=wallet_id).lots.order_by("id").values_list("id", flat=True))
        chosen = data.draw(st.sets(st.sampled_from(range(len(ids))), min_size=1))
        key, taken = fresh_key(), oracle.take([oracle.lots[place] for place in chosen], amount)

        def movement():
            return ledger.clawback(
                wallet_id=wallet_id,
                lot_ids=[ids[place] for place in chosen],
                amount=amount,
                key=key,
                description="why",
            )

        if not taken:
            assert movement() is None
            return
        moved = self.move(movement, replays)
        assert moved.amount == -sum(part for _, part in taken)
        self.taken[index][moved.entry_id] = taken

    @rule(data=st.data(), index=wallet, replays=replays)
    def restore(self, data, index, replays):
        _, oracle = self.pick(index)
        if not self.taken[index]:
            return
        entry_id = data.draw(st.sampled_from(sorted(self.taken[index])))
        self.move(lambda: ledger.restore(entry_id=entry_id, description="why"), replays)
        oracle.restore(self.taken[index].pop(entry_id))

    @rule(index=wallet, credits=st.sampled_from([0, 0, 5]))
    def owe(self, index, credits):
        wallet_id, oracle = self.pick(index)
        parking.owe(wallet_id=wallet_id, credits=credits, reason="why")
        oracle.owed = credits

    @rule(index=wallet, replays=replays)
    def expire(self, index, replays):
        wallet_id, oracle = self.pick(index)
        key, taken = fresh_key(), oracle.expire()
        if not taken:
            assert ledger.expire(wallet_id=wallet_id, key=key) is None
            return
        moved = self.move(lambda: ledger.expire(wallet_id=wallet_id, key=key), replays)
        assert moved.amount == -taken

    @rule(index=wallet, amount=st.integers(1, 40), replays=replays)
    def begin_month(self, index, amount, replays):
        wallet_id, oracle = self.pick(index)
        anchor = in_minutes(0)
        resets.arrange(wallet_id=wallet_id, monthly=monthly(amount), anchor=anchor, due_at=anchor)
        assert resets.begin(wallet_id=wallet_id)
        oracle.begin_month(amount)
        for _ in range(replays):
            resets.arrange(wallet_id=wallet_id, monthly=monthly(amount + 1), due_at=anchor)
            assert not resets.begin(wallet_id=wallet_id)

    @rule(index=wallet, amount=st.integers(-20, 20).filter(bool), replays=replays)
    def adjust(self, index, amount, replays):
        wallet_id, oracle = self.pick(index)
        key = fresh_key()
        if -amount > oracle.spendable:
            with pytest.raises(ledger.InsufficientCredits):
                ledger.adjust(wallet_id=wallet_id, amount=amount, key=key, description="why")
            return
        self.move(
            lambda: ledger.adjust(wallet_id=wallet_id, amount=amount, key=key, description="why"), replays
        )
        if amount > 0:
            oracle.grant(amount, "adjustment", None)
        else:
            oracle.burn(-amount)

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def repeat_an_old_call(self, data):
        movement, entry_id = data.draw(st.sampled_from(self.done))
        again = movement()
        assert again.replayed
        assert again.entry_id == entry_id

    @precondition(lambda self: self.clock < LONGEST - 10)
    @rule(minutes=st.integers(1, 10))
    def let_time_pass(self, minutes):
        self.clock += minutes
        travel(minutes)
        for oracle in self.wallets.values():
            oracle.clock += minutes

    @invariant()
    def agrees_with_the_model(self):
        for wallet_id, oracle in self.wallets.items():
            wallet = Wallet.objects.get(pk=wallet_id)
            remaining = list(wallet.lots.order_by("id").values_list("remaining", flat=True))
            assert (wallet.available, wallet.held, wallet.used) == (
                oracle.available,
                oracle.held,
                oracle.used,
            )
            assert remaining == [lot.remaining for lot in oracle.lots]

    @invariant()
    def is_whole(self):
        with psycopg.Cursor(connection.connection) as cursor:  # planned once, run after every step
            assert cursor.execute(self.proof, prepare=True).fetchall() == []


@pytest.mark.django_db
@pytest.mark.timeout(1800)  # the full form on a busy machine
@pytest.mark.parametrize(
    "examples", [pytest.param(12, id="fast"), pytest.param(EXAMPLES, marks=pytest.mark.slow, id="full")]
)
def test_the_ledger_agrees_with_its_model_whatever_happens(examples):
    run_state_machine_as_test(
        Movements,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
