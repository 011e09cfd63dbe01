"""Money that comes, changes and goes back in any order, against a plain Python model, and every invariant after each step."""

import os
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing.models import Payment, Product, Reversal
from billing.payments import debts
from billing.provisioning import end_lapsed
from credits import ledger, resets, verification
from credits.models import Entry, Lot, Wallet
from credits.periods import Period, month_start
from tests.billing import told as stripe
from tests.billing.given_back import a_dispute, a_refund
from tests.billing.given_back import told as told_back
from tests.billing.money_model import PLANS, Contract, Model, Paid, Term
from tests.billing.state import plan_of
from tests.billing.told import a_checkout, a_line, a_subscription, an_invoice, price, tell, utc
from tests.credits.books import fresh_key
from tests.support.one_clock import OneClock
from tests.support.people import open_account

EXAMPLES = int(os.environ.get("MONEY_EXAMPLES", "150"))
STARTS = ["2031-01-31T09:30:00", "2032-02-29T23:59:59", "2031-11-15T00:00:00"]
PACKS = ["credits-100", "credits-500"]
INTERVALS = ["month", "year"]


def proof():
    """All invariants as one statement."""
    return " UNION ALL ".join(
        f"SELECT '{rule.code}', q.wallet::text, q.detail FROM ({rule.query}) q(wallet, detail)"  # noqa: S608
        for rule in verification.invariants()
    )


class Money(RuleBasedStateMachine):
    """One payer, who buys, changes, spends, and gets money back; Stripe says some things twice."""

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.model, self.holds, self.clock = Model(), {}, None
        self.numbers = self.worked = self.passed = 0
        self.proof = proof()

    @initialize(
        start=st.sampled_from(STARTS), plan=st.sampled_from(PLANS), interval=st.sampled_from(INTERVALS)
    )
    def open(self, start, plan, interval):
        self.clock = OneClock(utc(start))
        stripe.name_prices()
        self.dora = open_account("dora", verified=False)
        self.begin(plan, interval, twice=False)

    def teardown(self):
        if self.clock is not None:
            self.clock.stop()
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @property
    def now(self):
        return self.clock.now

    def new(self, kind):
        """An id that Stripe has not given yet; a second passes."""
        self.numbers += 1
        self.clock.move(timedelta(seconds=1))
        self.model.tick(self.now)
        self.sweep()
        return f"{kind}_{self.numbers}"

    def sweep(self):
        """What the clock's tasks do."""
        end_lapsed()
        resets.run()
        debts.settle_due()

    def shape(self, contract, **more):
        """What Stripe says of a subscription."""
        return a_subscription(
            self.dora,
            price(contract.plan, contract.interval),
            contract.terms[-1].period,
            id=contract.id,
            status="active" if contract.is_live else "canceled",
            billing_cycle_anchor=contract.anchor,
            start_date=contract.anchor,
            **more,
        )

    def hear(self, said, *, order, twice):
        """Take in what Stripe says, in one order or the other, and some of it again."""
        tell(*(reversed(said) if order else said))
        if twice:
            tell(said[-1])
        debts.settle_due()

    def pay_period(self, contract, period, *, reason, lines=(), order=False, twice=False):
        """Let a whole period be paid."""
        of, id = price(contract.plan, contract.interval), f"in_{self.numbers}"
        whole = a_line(of, period, of.amount_cents, sub=contract.id)
        invoice = an_invoice(self.dora, [whole, *lines], id=id, sub=contract.id, reason=reason)
        paid = Paid(id, invoice["amount_paid"], plan=contract.plan)
        self.model.pay(paid)
        self.model.begin(contract, Term(period, contract.anchor, [paid]), self.now)
        self.hear([self.shape(contract), invoice], order=order, twice=twice)

    # What is bought

    @precondition(lambda self: self.model.live is None)
    @rule(plan=st.sampled_from(PLANS), interval=st.sampled_from(INTERVALS), twice=st.booleans())
    def subscribe(self, plan, interval, twice):
        self.begin(plan, interval, twice)

    def begin(self, plan, interval, twice):
        """Buy a plan at the checkout page."""
        id = self.new("sub")
        contract = Contract(id, plan, interval, self.now)
        self.model.contracts.append(contract)
        self.pay_period(contract, self.period(contract, self.now), reason="subscription_create", twice=twice)

    def period(self, contract, start):
        """The period of a subscription that begins then."""
        length = 12 if contract.interval == "year" else 1
        index = next(n for n in range(1000) if month_start(anchor=contract.anchor, months=n) == start)
        return Period(start, month_start(anchor=contract.anchor, months=index + length))

    def is_running(self):
        live = self.model.live
        return live is not None and self.model.running is live and self.now in live.terms[-1].period

    @precondition(lambda self: self.is_running() and self.model.live.plan != PLANS[-1])
    @rule(data=st.data(), order=st.booleans(), twice=st.booleans())
    def upgrade(self, data, order, twice):
        id = self.new("in")
        if not self.is_running():
            return
        contract = self.model.live
        plan = data.draw(st.sampled_from(PLANS[PLANS.index(contract.plan) + 1 :]))
        old, new = price(contract.plan, contract.interval), price(plan, contract.interval)
        whole = contract.terms[-1].period
        rest = Period(self.now, whole.end)
        share = (rest.end - rest.start) / (whole.end - whole.start)
        cents = max(2, int(new.amount_cents * share)), -int(old.amount_cents * share)
        lines = [
            a_line(new, rest, cents[0], part=True, sub=contract.id),
            a_line(old, rest, cents[1], part=True, sub=contract.id),
        ]
        invoice = an_invoice(self.dora, lines, id=id, sub=contract.id, reason="subscription_update")
        self.model.change(contract, plan, Paid(id, invoice["amount_paid"]), self.now)
        self.hear([self.shape(contract), invoice], order=order, twice=twice)

    @precondition(lambda self: self.is_running() and self.model.live.interval == "month")
    @rule(order=st.booleans(), twice=st.booleans())
    def change_to_years(self, order, twice):
        self.new("in")
        if not self.is_running():
            return
        contract = self.model.live
        month = contract.terms[-1].period
        rest = Period(self.now, month.end)
        credit = a_line(price(contract.plan), rest, -100, part=True, sub=contract.id)
        contract.interval, contract.anchor = "year", self.now
        self.pay_period(
            contract,
            self.period(contract, self.now),
            reason="subscription_update",
            lines=[credit],
            order=order,
            twice=twice,
        )

    def is_due(self):
        live = self.model.live
        if live is None or self.now < live.terms[-1].period.end:
            return False
        return self.now in self.period(live, live.terms[-1].period.end)

    @precondition(lambda self: self.is_due())
    @rule(order=st.booleans(), twice=st.booleans())
    def renew(self, order, twice):
        self.new("in")
        if not self.is_due():
            return
        contract = self.model.live
        following = self.period(contract, contract.terms[-1].period.end)
        self.pay_period(contract, following, reason="subscription_cycle", order=order, twice=twice)

    @precondition(lambda self: self.model.live is not None)
    @rule()
    def cancel(self):
        self.new("event")
        contract = self.model.live
        contract.is_live = False
        tell(self.shape(contract, ended_at=self.now))
        self.model.follow(self.now)
        debts.settle_due()

    @precondition(lambda self: sum(id.startswith("cs") for id in self.model.payments) < 2)
    @rule(product=st.sampled_from(PACKS), twice=st.booleans())
    def buy(self, product, twice):
        id = self.new("cs")
        sold = Product.objects.get(code=product)
        data = a_checkout(self.dora, id=id, mode="payment", payment_intent=f"pi_{id}")
        data["metadata"]["atelier_product"] = product
        data["amount_total"] = sold.price_cents
        self.model.pay(Paid(id, sold.price_cents), brings=sold.credits)
        self.hear([data], order=False, twice=twice)

    # What goes back

    def some(self, data, condition):
        """One of the payments that fit, and its row; None where none does."""
        found = [paid for paid in self.model.payments.values() if condition(paid)]
        if not found:
            return None, None
        paid = data.draw(st.sampled_from(found))
        return paid, Payment.objects.get(
            **{f"{'invoice' if paid.id[:2] == 'in' else 'checkout'}_id": paid.id}
        )

    @precondition(lambda self: self.model.payments)
    @rule(data=st.data(), status=st.sampled_from(["pending", "succeeded"]), twice=st.booleans())
    def refund(self, data, status, twice):
        def left(paid):
            return paid.cents - sum(cents for id, cents in paid.back.items() if id.startswith("re"))

        id = self.new("re")
        paid, row = self.some(data, lambda paid: left(paid) > 0)
        if paid is None:
            return
        most = left(paid)
        cents = most if data.draw(st.booleans()) else data.draw(st.integers(1, most))
        paid.back[id] = cents
        paid.lost.add(id)
        self.back(a_refund(row, cents, id=id, status=status), twice)

    @precondition(lambda self: self.has_gone_back("re"))
    @rule(data=st.data(), twice=st.booleans())
    def refund_fails(self, data, twice):
        self.new("event")
        paid, row = self.some(data, lambda paid: any(id.startswith("re") for id in paid.back))
        if paid is None:
            return
        id = data.draw(st.sampled_from(sorted(id for id in paid.back if id.startswith("re"))))
        paid.lost.discard(id)
        self.back(a_refund(row, paid.back.pop(id), id=id, status="failed"), twice)

    @precondition(lambda self: self.model.payments)
    @rule(data=st.data(), share=st.sampled_from([100, 100, 34, 1]), twice=st.booleans())
    def dispute(self, data, share, twice):
        id = self.new("dp")
        paid, row = self.some(data, lambda paid: not any(id.startswith("dp") for id in paid.back))
        if paid is None:
            return
        paid.back[id] = max(1, paid.cents * share // 100)
        self.back(a_dispute(row, id=id, amount=paid.back[id]), twice)

    @precondition(lambda self: self.has_gone_back("dp"))
    @rule(data=st.data(), status=st.sampled_from(["won", "lost", "under_review"]), twice=st.booleans())
    def dispute_turns(self, data, status, twice):
        self.new("event")
        paid, row = self.some(data, lambda paid: any(id.startswith("dp") for id in paid.back))
        if paid is None:
            return
        (id,) = (id for id in paid.back if id.startswith("dp"))
        data = a_dispute(row, id=id, amount=paid.back[id], status=status)
        (paid.lost.add if status == "lost" else paid.lost.discard)(id)
        if status == "won":
            del paid.back[id]
        self.back(data, twice)

    def has_gone_back(self, kind):
        return any(id.startswith(kind) for paid in self.model.payments.values() for id in paid.back)

    def back(self, data, twice):
        """Take in that money went back, or came back."""
        for _ in range(1 + twice):
            told_back(data)
        self.model.follow(self.now)
        debts.settle_due()

    # What is spent

    @precondition(lambda self: self.worked < len(self.model.payments))
    @rule(credits=st.sampled_from([7, 60, 140, 480, 1900]), is_over=st.booleans())
    def work(self, credits, is_over):
        self.worked += 1
        key = self.new("hold")
        wallet = Wallet.objects.get(owner=self.dora)
        free = sum(Lot.objects.filter(wallet=wallet).live(at=self.now).values_list("remaining", flat=True))

        def hold():
            ends = self.now + ledger.LONGEST_HOLD
            return ledger.hold(wallet_id=wallet.pk, amount=credits, key=key, expires_at=ends)

        if wallet.owed:
            with pytest.raises(ledger.CreditsOwed):
                hold()
        elif credits > free:
            with pytest.raises(ledger.InsufficientCredits):
                hold()
        else:
            self.holds[hold().hold_id] = credits
            if is_over:
                self.finish(max(self.holds), 100)

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), share=st.integers(0, 100))
    def settle(self, data, share):
        self.new("event")
        if self.holds:
            self.finish(data.draw(st.sampled_from(sorted(self.holds))), share)

    def finish(self, hold_id, share):
        """Let work use a share of what it holds."""
        used = self.holds.pop(hold_id) * share // 100
        ledger.settle(hold_id=hold_id, amount=used, key=fresh_key("settle"))
        self.model.spent += used
        debts.settle_due()

    @precondition(lambda self: self.passed < self.numbers)
    @rule(hours=st.sampled_from([1, 50, 10 * 24, 31 * 24]))
    def let_time_pass(self, hours):
        self.passed += 1
        for hold_id in sorted(self.holds):  # no work takes a day
            self.finish(hold_id, hours % 3 * 50)
        self.clock.move(timedelta(hours=hours))
        self.model.tick(self.now)
        self.sweep()

    # What must hold

    @invariant()
    def what_goes_back_is_the_share_of_the_money(self):
        if self.clock is None:
            return
        due = {id: 0 for id, paid in self.model.payments.items() if paid.due}
        for row in Reversal.objects.standing().select_related("payment"):
            id = row.payment.invoice_id or row.payment.checkout_id
            due[id] = due.get(id, 0) + row.credits_due
        assert due == {id: paid.due for id, paid in self.model.payments.items() if paid.due or id in due}

    @invariant()
    def nothing_comes_twice_and_nothing_is_lost(self):
        """What is there is what was granted, less what was spent, went unused, and is due."""
        if self.clock is None:
            return
        wallet = Wallet.objects.get(owner=self.dora)
        ended = -sum(Entry.objects.filter(wallet=wallet, kind="expire").values_list("amount", flat=True))
        gone = sum(Reversal.objects.standing().values_list("credits_gone", flat=True))
        due = sum(paid.due for paid in self.model.payments.values())
        there = wallet.available + wallet.held - wallet.owed
        assert there == self.model.granted - self.model.spent - ended - due + gone
        assert wallet.owed <= self.model.spent + wallet.held

    @invariant()
    def nobody_owes_what_could_be_taken(self):
        if self.clock is None:
            return
        for row in Reversal.objects.owing().select_related("payment"):
            own = Lot.objects.live(at=self.now).filter(source_key=ledger.key_id(row.payment.key))
            assert sum(own.values_list("remaining", flat=True)) == 0

    @invariant()
    def the_plan_in_force_is_the_one_that_is_paid_for(self):
        if self.clock is None:
            return
        assert plan_of(self.dora) == (self.model.running.in_force if self.model.running else "free")

    @invariant()
    def is_whole(self):
        if self.clock is None:
            return
        with psycopg.Cursor(connection.connection) as cursor:  # planned once, run after every step
            assert cursor.execute(self.proof, prepare=True).fetchall() == []


@pytest.mark.django_db
@pytest.mark.timeout(1800)  # the full form on a busy machine
@pytest.mark.parametrize(
    ("examples", "by_luck"),
    [
        # The same stories each time: new ones are sought in the full form.
        pytest.param(8, False, id="fast"),
        pytest.param(EXAMPLES, True, marks=pytest.mark.slow, id="full"),
    ],
)
def test_credits_follow_the_money_whatever_happens(examples, by_luck):
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=examples,
            derandomize=not by_luck,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
