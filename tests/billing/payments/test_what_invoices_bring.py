"""What an invoice brings: a whole period, a part of one, a trial, and nothing where it cost nothing (B17)."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import Notification
from billing.catalogue.loading import load
from billing.models import Payment, StripeSubscription
from billing.provisioning import end_lapsed
from credits import resets
from tests.billing import told
from tests.billing.catalogues import edited, load_shipped
from tests.billing.state import assert_sound, available, plan_of
from tests.billing.told import (
    a_line,
    a_subscription,
    an_invoice,
    bought,
    month,
    price,
    tell,
    this_second,
    year,
)
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _priced(db):
    told.name_prices()


TRIAL = edited("credits_per_month = 500\n", "credits_per_month = 500\ntrial_days = 14\ntrial_credits = 60\n")


def _upgrade(alice, share, *, old="starter", new="pro", **more):
    """What an upgrade at so much of the month brings; the period is 30 days."""
    start = this_second()
    period = told.Period(start, start + timedelta(days=30))
    old, new = price(old), price(new)
    tell(a_subscription(alice, old, period), bought(alice, old, period))
    since = start + timedelta(days=30) * share
    rest = told.Period(since.replace(microsecond=0), period.end)
    left = (rest.end - rest.start) / timedelta(days=30)
    lines = [
        a_line(old, rest, -round(old.amount_cents * left), part=True),
        a_line(new, rest, round(new.amount_cents * left), part=True),
    ]
    with time_machine.travel(since + timedelta(seconds=2)):
        tell(a_subscription(alice, new, period))
        tell(an_invoice(alice, lines, id="in_2", reason="subscription_update", **more))
    return Payment.objects.filter(invoice_id="in_2").first()


def month_bought(alice, credits, plan, **more):
    """A first month, paid as told."""
    period = month(this_second())
    tell(a_subscription(alice, price(plan), period), bought(alice, price(plan), period, **more))
    assert (available(alice), plan_of(alice)) == (20 + credits, plan)


def test_b17_first_month(alice):
    month_bought(alice, 150, "starter")


def test_b17_first_year_brings_its_first_month(alice):
    period = year(this_second())
    tell(
        a_subscription(alice, price("starter", "year"), period),
        bought(alice, price("starter", "year"), period),
    )
    assert (available(alice), Payment.objects.get().amount_cents) == (170, 29_000)


def test_b17_half_price_coupon_brings_all_credits(alice):
    month_bought(alice, 150, "starter", paid=1450)


def test_b17_one_cent_is_money(alice):
    month_bought(alice, 500, "pro", paid=1)


def test_b17_whole_coupon_brings_the_plan_and_no_credits(alice):
    month_bought(alice, 0, "pro", paid=0)
    assert StripeSubscription.objects.get().paid_until == StripeSubscription.objects.get().period_end
    assert_sound()


@pytest.mark.parametrize(("share", "credits"), [(0, 350), (0.5, 175), (1 / 3, 233), (0.9, 35), (0.999, 0)])
def test_b17_upgrade_brings_the_difference_for_the_rest_of_the_month(alice, share, credits):
    payment = _upgrade(alice, share)
    assert payment.credits == credits
    assert (available(alice), plan_of(alice)) == (170 + credits, "pro")


def test_b17_upgrade_that_cost_nothing_brings_nothing(alice):
    assert _upgrade(alice, 0.5, paid=0) is None
    assert available(alice) == 170


def test_b17_part_of_the_same_price_brings_nothing(alice):
    payment = _upgrade(alice, 0.5, new="starter", paid=100)
    assert (payment.credits, available(alice)) == (0, 170)


def test_b17_credit_for_a_lower_plan_brings_nothing(alice):
    assert _upgrade(alice, 0.5, old="pro", new="starter", paid=0) is None
    assert available(alice) == 520


def test_b17_months_become_a_year(alice):
    start = this_second()
    starter, yearly, period = price("starter"), price("starter", "year"), month(start)
    tell(a_subscription(alice, starter, period), bought(alice, starter, period))
    since = start + timedelta(days=10)
    whole = year(since)
    rest = told.Period(since, period.end)
    with time_machine.travel(since + timedelta(seconds=2)):
        tell(a_subscription(alice, yearly, whole, start_date=start))
        lines = [a_line(starter, rest, -1900, part=True), a_line(yearly, whole, 29_000)]
        tell(an_invoice(alice, lines, id="in_2", reason="subscription_update"))
    payment = Payment.objects.get(invoice_id="in_2")
    assert (payment.credits, payment.period_end, payment.interval) == (150, whole.end, "year")
    assert available(alice) == 20 + 150 + 150
    assert StripeSubscription.objects.get().paid_until == whole.end


def test_b17_months_become_a_year_that_costs_nothing(alice):
    start = this_second()
    starter, yearly, period = price("starter"), price("starter", "year"), month(start)
    tell(a_subscription(alice, starter, period), bought(alice, starter, period))
    since = start + timedelta(days=10)
    whole = year(since)
    lines = [
        a_line(starter, told.Period(since, period.end), -1900, part=True),
        a_line(yearly, whole, 29_000),
    ]
    with time_machine.travel(since + timedelta(seconds=2)):
        tell(a_subscription(alice, yearly, whole, start_date=start))
        tell(an_invoice(alice, lines, id="in_2", reason="subscription_update", paid=0))
    assert StripeSubscription.objects.get().paid_until == whole.end
    assert (Payment.objects.count(), available(alice)) == (1, 170)
    for days in (45, 340):
        with time_machine.travel(start + timedelta(days=days)):
            end_lapsed()
            resets.run(at=this_second())
            assert (plan_of(alice), available(alice)) == ("starter", 0)
    with time_machine.travel(whole.end + timedelta(days=4)):
        assert (end_lapsed(), plan_of(alice)) == (1, "free")
    assert_sound()


def test_b17_change_that_costs_nothing_in_a_month_that_is_not_paid_extends_nothing(alice):
    start, starter, pro = this_second(), price("starter"), price("pro")
    tell(a_subscription(alice, starter, month(start)), bought(alice, starter, month(start)))
    second = month(start, 1)
    rest = told.Period(second.start + timedelta(days=1), second.end)
    with time_machine.travel(rest.start + timedelta(seconds=2)):
        tell(a_subscription(alice, pro, second, start_date=start, status="past_due"))
        lines = [a_line(starter, rest, -2800, part=True), a_line(pro, rest, 2800, part=True)]
        tell(an_invoice(alice, lines, id="in_2", reason="subscription_update"))
    assert StripeSubscription.objects.get().paid_until == month(start).end
    assert (Payment.objects.count(), StripeSubscription.objects.get().waived_until) == (1, None)


def test_b17_trial_brings_its_own_credits_once_and_the_month_when_it_is_paid(alice):
    load(source=TRIAL)
    told.name_prices()
    start, pro = this_second(), price("pro")
    ends = start + timedelta(days=14)
    trial = told.Period(start, ends)
    on_trial = a_subscription(alice, pro, trial, status="trialing", trial_end=ends, billing_cycle_anchor=ends)
    zero = an_invoice(alice, [a_line(pro, trial, 0)])
    tell(on_trial, zero, on_trial)
    assert (plan_of(alice), available(alice)) == ("pro", 80)
    assert not Payment.objects.exists()
    paid = told.Period(ends, ends + timedelta(days=30))
    with time_machine.travel(ends + timedelta(minutes=1)):
        tell(a_subscription(alice, pro, paid, start_date=start, trial_end=ends))
        tell(bought(alice, pro, paid, id="in_2", reason="subscription_cycle"))
        assert plan_of(alice) == "pro"
        assert Payment.objects.get().credits == 500
    assert_sound()


def test_trial_is_once_per_person(alice):
    load(source=TRIAL)
    told.name_prices()
    start = this_second()
    ends = start + timedelta(days=14)
    trial = told.Period(start, ends)
    again = open_account("alice+again")
    for number, user in enumerate((alice, again)):
        tell(a_subscription(user, price("pro"), trial, id=f"sub_{number}", status="trialing", trial_end=ends))
    assert (available(alice), available(again)) == (80, 0)


def test_trial_that_is_not_paid_ends_with_the_grace(alice):
    load(source=TRIAL)
    told.name_prices()
    start = this_second()
    ends = start + timedelta(days=14)
    tell(a_subscription(alice, price("pro"), told.Period(start, ends), status="trialing", trial_end=ends))
    with time_machine.travel(ends + timedelta(days=3, seconds=2)):
        assert end_lapsed() == 1
        assert plan_of(alice) == "free"
    assert_sound()


def test_reminder_comes_three_days_before_a_trial_ends(alice):
    load(source=TRIAL)
    told.name_prices()
    start = this_second()
    ends = start + timedelta(days=14)
    data = a_subscription(alice, price("pro"), told.Period(start, ends), status="trialing", trial_end=ends)
    tell(data)
    reminders = Notification.objects.filter(user=alice, title__startswith="Your trial of Pro ends")
    assert not reminders.exists()
    with time_machine.travel(ends - timedelta(days=3)):
        tell(data, data)
    assert [reminder.body for reminder in reminders] == [
        "Then $79 is taken for the first month. Cancel before that day, and nothing is."
    ]


def test_payment_for_a_plan_that_credits_do_not_meter_brings_none(alice):
    source = edited('price = "on request"', "price = { month_cents = 900, year_cents = 9000 }", "humanizer")
    load_shipped("humanizer")
    load(source=source)
    told.name_prices()
    month_bought(alice, 0, "premium")
    assert Payment.objects.get().credits == 0


def test_upgrade_of_a_month_that_cost_nothing_brings_the_whole_rest(alice):
    """Nothing came with the first plan, whose coupon took its price away: so nothing of it is taken off."""
    start = this_second()
    period = month(start)
    starter, pro = price("starter"), price("pro")
    tell(a_subscription(alice, starter, period), bought(alice, starter, period, paid=0))
    assert available(alice) == 20
    rest = told.Period(start, period.end)
    lines = [a_line(starter, rest, 0, part=True), a_line(pro, rest, 7900, part=True)]
    tell(
        a_subscription(alice, pro, period), an_invoice(alice, lines, id="in_2", reason="subscription_update")
    )
    assert Payment.objects.get().credits == 500
    assert available(alice) == 520


def test_what_else_stands_on_the_invoice_of_an_upgrade_is_no_plan(alice):
    start = this_second()
    period = month(start)
    starter, pro = price("starter"), price("pro")
    tell(a_subscription(alice, starter, period), bought(alice, starter, period))
    rest = told.Period(start, period.end)
    by_hand = a_line(pro, told.Period(start, start), 10_000)
    by_hand["parent"] = {"type": "invoice_item_details", "invoice_item_details": {"proration": False}}
    by_hand["pricing"]["price_details"]["price"] = "price_of_advice"
    lines = [by_hand, a_line(starter, rest, -2900, part=True), a_line(pro, rest, 7900, part=True)]
    tell(
        a_subscription(alice, pro, period), an_invoice(alice, lines, id="in_2", reason="subscription_update")
    )
    payment = Payment.objects.get(invoice_id="in_2")
    assert (payment.terms.plan.code, payment.credits) == ("pro", 350)
