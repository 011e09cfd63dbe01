"""What money that goes back takes of a plan: its months, their shares, and the plan itself."""

from datetime import timedelta

import pytest
import time_machine
from django.db.models import F

from billing.models import Payment, Subscription
from billing.payments import debts
from config.common.clock import now
from credits import ledger, resets
from credits.models import Lot, MonthlyAllowance
from tests.billing import told as stripe
from tests.billing.given_back import (
    a_dispute,
    a_refund,
    buy,
    credits_of,
    figures,
    spend,
    subscribe,
    told,
)
from tests.billing.told import (
    a_line,
    a_subscription,
    an_invoice,
    month,
    price,
    tell,
    this_second,
    utc,
    year,
)
from tests.credits.books import assert_whole, travel
from tests.support.one_clock import OneClock
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _priced(db):
    stripe.name_prices()


@pytest.fixture
def dora():
    """An account without free credits."""
    return open_account("dora", verified=False)


def test_refund_of_a_month_takes_its_allowance_and_ends_the_plan(dora):
    payment = subscribe(dora, "starter")
    given = payment.credits
    spend(dora, 10)
    row = told(a_refund(payment))
    assert credits_of(row) == (given, given - 10, 0, 0, 0, 10)
    assert figures(dora) == (0, 0, 10)
    mine = Subscription.objects.current().get(user=dora)
    assert mine.terms.plan.code == "free"
    payment.subscription.refresh_from_db()
    assert payment.subscription.paid_until is None
    assert_whole()


def test_partial_refund_of_a_month_leaves_the_plan(dora):
    payment = subscribe(dora, "starter")
    told(a_refund(payment, 100))
    assert Subscription.objects.current().get(user=dora).terms.plan.code == "starter"


def test_refund_that_fails_brings_the_plan_back(dora):
    payment = subscribe(dora, "starter")
    told(a_refund(payment))
    told(a_refund(payment, status="failed"))
    assert Subscription.objects.current().get(user=dora).terms.plan.code == "starter"
    assert figures(dora) == (payment.credits, 0, 0)


def test_a_lost_dispute_ends_the_plan_and_an_open_one_does_not(dora):
    payment = subscribe(dora, "starter")
    told(a_dispute(payment))
    assert Subscription.objects.current().get(user=dora).terms.plan.code == "starter"
    assert figures(dora) == (0, 0, 0)
    told(a_dispute(payment, status="lost"))
    assert Subscription.objects.current().get(user=dora).terms.plan.code == "free"


@pytest.mark.parametrize("swept", [True, False])
def test_credits_that_ended_unused_are_nobodys_debt(dora, swept):
    payment = subscribe(dora, "starter")
    spend(dora, 30)
    forty_days = timedelta(days=40)
    travel(40 * 24 * 60)
    Payment.objects.update(
        period_start=F("period_start") - forty_days, period_end=F("period_end") - forty_days
    )
    payment.refresh_from_db()
    if swept:
        ledger.expire(wallet_id=dora.wallet.pk, key="sweep")
    row = told(a_refund(payment))
    assert credits_of(row) == (150, 0, 0, 120, 0, 30)
    assert figures(dora)[2] == 30


def test_full_refund_of_a_year_stops_its_months(dora):
    payment = subscribe(dora, "starter", "year")
    assert MonthlyAllowance.objects.filter(wallet=dora.wallet).exists()
    told(a_refund(payment))
    assert not MonthlyAllowance.objects.filter(wallet=dora.wallet).exists()


def test_partial_refund_of_a_year_takes_its_share_of_later_months_too(dora):
    start = this_second() - timedelta(days=35)
    payment = subscribe(dora, "starter", "year", start=start)
    monthly = payment.credits
    row = told(a_refund(payment, payment.amount_cents // 2))
    assert credits_of(row)[0] == -(-monthly // 2)
    resets.begin(wallet_id=dora.wallet.pk, at=now() + timedelta(days=30))
    assert debts.settle_due() == 1
    assert credits_of(row)[:2] == (monthly, monthly)


def test_an_upgrade_and_the_month_it_is_in_are_told_apart(dora):
    start = this_second() - timedelta(days=10)
    first = subscribe(dora, "starter", start=start)
    starter, pro, period = price("starter"), price("pro"), month(start)
    rest = type(period)(this_second(), period.end)
    tell(
        a_subscription(dora, pro, period),
        an_invoice(
            dora,
            [a_line(pro, rest, 3000, part=True), a_line(starter, rest, -900, part=True)],
            id="in_2",
            reason="subscription_update",
        ),
    )
    upgrade = Payment.objects.get(invoice_id="in_2")
    assert upgrade.credits > 0
    row = told(a_refund(upgrade))
    assert credits_of(row)[:2] == (upgrade.credits, upgrade.credits)
    assert figures(dora) == (first.credits, 0, 0)


def test_refund_of_a_year_that_fails_brings_its_months_back(dora):
    payment = subscribe(dora, "starter", "year", start=this_second() - timedelta(days=35))
    before = MonthlyAllowance.objects.get(wallet=dora.wallet)
    told(a_refund(payment))
    assert not MonthlyAllowance.objects.filter(wallet=dora.wallet).exists()
    told(a_refund(payment, status="failed"))
    after = MonthlyAllowance.objects.get(wallet=dora.wallet)
    assert (after.amount, after.due_at, after.until) == (150, before.due_at, before.until)
    assert figures(dora) == (150, 0, 0)
    assert_whole()


def test_month_that_a_plan_missed_while_its_money_was_away_comes_with_it(dora):
    payment = subscribe(dora, "starter", "year", start=this_second() - timedelta(days=35))
    told(a_refund(payment))
    with time_machine.travel(now() + timedelta(days=30)):
        told(a_refund(payment, status="failed"))
        months = Lot.objects.filter(wallet=dora.wallet, source="allowance").order_by("id")
        assert [(lot.granted, lot.remaining) for lot in months] == [(150, 0), (150, 150)]


@pytest.mark.parametrize("undone", [0, 1, 2])
def test_shares_are_rounded_anew_when_one_of_three_is_undone(dora, undone):
    payment = buy(dora)  # 100 credits for 1900 cents: 19 cents are a credit
    rows = [told(a_refund(payment, 9, id=f"re_{place}")) for place in range(3)]
    assert [credits_of(row)[0] for row in rows] == [1, 1, 0]
    told(a_refund(payment, 9, id=f"re_{undone}", status="failed"))
    assert figures(dora) == (99, 0, 0)
    assert sum(credits_of(row)[0] for row in rows) == 1
    assert_whole()


def upgraded(user, start):
    """A year of starter, changed to pro in its second month; what was paid for the change."""
    subscribe(user, "starter", "year", start=start)
    starter, pro, period = price("starter", "year"), price("pro", "year"), year(start)
    rest = type(period)(this_second(), period.end)
    lines = [a_line(pro, rest, 70_000, part=True), a_line(starter, rest, -26_000, part=True)]
    tell(a_subscription(user, pro, period), an_invoice(user, lines, id="in_2", reason="subscription_update"))
    return Payment.objects.get(invoice_id="in_2")


def test_an_upgrade_whose_money_went_back_leaves_the_plan_before_it(dora):
    upgrade = upgraded(dora, this_second() - timedelta(days=35))
    mine = Subscription.objects.current().filter(user=dora)
    months = MonthlyAllowance.objects.filter(wallet=dora.wallet)
    told(a_dispute(upgrade))
    assert (mine.get().terms.plan.code, months.get().amount) == ("pro", 500)
    told(a_dispute(upgrade, status="lost"))
    assert (mine.get().terms.plan.code, months.get().amount) == ("starter", 150)
    assert figures(dora) == (150, 0, 0)
    assert_whole()
    told(a_dispute(upgrade, status="won"))
    assert (mine.get().terms.plan.code, months.get().amount) == ("pro", 500)
    assert figures(dora) == (150 + upgrade.credits, 0, 0)
    assert_whole()


def test_part_of_an_upgrade_that_went_back_leaves_it(dora):
    upgrade = upgraded(dora, this_second() - timedelta(days=35))
    told(a_refund(upgrade, upgrade.amount_cents - 1))
    assert Subscription.objects.current().get(user=dora).terms.plan.code == "pro"


def test_shares_are_rounded_anew_when_their_month_has_ended(dora):
    payment = subscribe(dora, "starter")  # 150 credits for 2900 cents
    rows = [told(a_refund(payment, 9, id=f"re_{place}")) for place in range(3)]
    spend(dora, 148)
    forty_days = timedelta(days=40)
    travel(40 * 24 * 60)
    Payment.objects.update(
        period_start=F("period_start") - forty_days, period_end=F("period_end") - forty_days
    )
    told(a_refund(payment, 9, id="re_2", status="failed"))
    assert sum(credits_of(row)[0] for row in rows) == 1
    assert figures(dora) == (1, 0, 0)


@pytest.fixture
def clock(db):
    clock = OneClock(utc("2031-11-15T09:00:00"))
    yield clock
    clock.stop()


def a_month_passes(clock):
    clock.move(timedelta(days=31))
    resets.run()
    debts.settle_due()


def test_months_of_two_payments_that_ended_unused_are_nobodys_debt(clock, dora):
    upgrade = upgraded(dora, now() - timedelta(hours=1))
    told(a_dispute(Payment.objects.get(invoice_id="in_1"), id="dp_1"))
    a_month_passes(clock)
    a_month_passes(clock)
    assert figures(dora) == (350, 0, 0)  # 150 of each month are those of the year in dispute
    row = told(a_dispute(upgrade, id="dp_2"))
    assert credits_of(row)[5] == 0
    assert figures(dora) == (0, 0, 0)
    assert_whole()


def test_payment_that_goes_back_takes_no_more_of_a_month_than_its_own(clock, dora):
    upgrade = upgraded(dora, now() - timedelta(hours=1))
    a_month_passes(clock)
    a_month_passes(clock)
    first = Payment.objects.get(invoice_id="in_1")
    rows = [
        told(a_refund(first, first.amount_cents // 2, id="re_1")),
        told(a_refund(first, first.amount_cents - first.amount_cents // 2, id="re_2")),
    ]
    assert sum(credits_of(row)[0] for row in rows) == 450  # of three months
    assert sum(credits_of(row)[1] for row in rows) == 150
    assert sum(credits_of(row)[3] for row in rows) == 300  # unused when their months ended
    assert figures(dora) == (350, 0, 0)
    told(a_refund(upgrade, id="re_3"))
    assert figures(dora) == (0, 0, 0)
    assert_whole()
