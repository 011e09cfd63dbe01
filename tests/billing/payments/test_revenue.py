"""What was earned: to the cent, in the month it came, and in the months it was for."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from billing.models import Payment, Reversal
from billing.payments import revenue
from tests.billing import told
from tests.billing.told import a_checkout, a_line, a_subscription, an_invoice, bought, price, tell, utc, year

pytestmark = pytest.mark.django_db
ALL = {"since": datetime(2030, 1, 1, tzinfo=UTC), "until": datetime(2033, 1, 1, tzinfo=UTC)}


@pytest.fixture(autouse=True)
def _priced(db):
    told.name_prices()


def pays(user, plan, interval, period, *, number=1, **more):
    """A subscription with one payment, `number` in its ids."""
    of = price(plan, interval)
    with time_machine.travel(period.start + timedelta(seconds=1), tick=False):
        tell(a_subscription(user, of, period, id=f"sub_{number}"))
        tell(bought(user, of, period, id=f"in_{number}", sub=f"sub_{number}", **more))
    return Payment.objects.get(invoice_id=f"in_{number}")


def goes_back(payment, cents, at, **more):
    """A refund, or what `more` makes of it."""
    Reversal.objects.create(
        id=f"re_{cents}_{at:%j}",
        payment=payment,
        amount_cents=cents,
        happened_at=at,
        **{"kind": "refund", "status": "succeeded", **more},
    )


@pytest.fixture
def paid(alice, bob):
    """Alice pays a year of starter in January 2030, Bob a month of pro, and a pack."""
    first = pays(alice, "starter", "year", year(utc("2030-01-15T00:00:00")))
    month = told.Period(utc("2030-01-31T00:00:00"), utc("2030-02-28T00:00:00"))
    second = pays(bob, "pro", "month", month, number=2)
    marks = {"atelier_user": str(bob.pk), "atelier_product": "credits-100"}
    moment = told.epoch(utc("2030-02-03T10:00:00"))
    tell(a_checkout(bob, mode="payment", amount_total=1900, metadata=marks, created=moment))
    Payment.objects.filter(pk=first.pk).update(fee_cents=871)
    return first, second


def test_earnings_stand_in_the_month_in_which_the_money_came(paid):
    found = [
        (one.month, one.plan, one.product, one.gross, one.fees, one.payments, one.unknown_fees)
        for one in revenue.earned(**ALL)
    ]
    assert found == [
        (date(2030, 1, 1), "pro", "", 7900, 0, 1, 1),
        (date(2030, 1, 1), "starter", "", 29_000, 871, 1, 0),
        (date(2030, 2, 1), "", "credits-100", 1900, 0, 1, 1),
    ]


def test_what_goes_back_counts_in_the_month_in_which_it_went(paid):
    goes_back(paid[0], 9_000, utc("2030-03-02T00:00:00"))
    goes_back(paid[0], 1_000, utc("2030-03-03T00:00:00"), kind="dispute", status="needs_response")
    goes_back(paid[0], 2_000, utc("2030-03-04T00:00:00"), kind="dispute", status="lost")
    goes_back(paid[0], 500, utc("2030-03-05T00:00:00"), status="failed", undone_at=utc("2030-03-06T00:00:00"))
    march = [one for one in revenue.earned(**ALL) if one.month == date(2030, 3, 1)]
    assert [(one.plan, one.gross, one.reversed, one.net) for one in march] == [
        ("starter", 0, 11_000, -11_000)
    ]


def test_range_ends_before_its_end(paid):
    january = {"since": utc("2030-01-01T00:00:00"), "until": utc("2030-01-31T00:00:00")}
    assert [one.plan for one in revenue.earned(**january)] == ["starter"]


def test_year_is_spread_over_its_months_to_the_cent(paid):
    found = revenue.recognised(**ALL)
    starter = [one for one in found if one.plan == "starter"]
    assert [one.month for one in starter] == [
        *(date(2030, month, 1) for month in range(1, 13)),
        date(2031, 1, 1),
    ]
    assert sum(one.cents for one in starter) == 29_000
    assert starter[0].cents == 29_000 * 17 // 365
    assert all(abs(one.cents - 29_000 * 30.4 / 365) < 200 for one in starter[1:-1])
    pro = [(one.month, one.cents) for one in found if one.plan == "pro"]
    assert pro == [(date(2030, 1, 1), 7900 // 28), (date(2030, 2, 1), 7900 - 7900 // 28)]


def test_what_went_back_is_taken_off_every_month(paid):
    goes_back(paid[1], 7_900, utc("2030-02-02T00:00:00"))
    goes_back(paid[0], 14_500, utc("2030-02-02T00:00:00"))
    found = revenue.recognised(**ALL)
    assert sum(one.cents for one in found if one.plan == "starter") == 14_500
    assert {one.cents for one in found if one.plan == "pro"} == {0}


def test_part_of_the_range_gives_the_same_months(paid):
    whole = {(one.month, one.plan): one.cents for one in revenue.recognised(**ALL)}
    part = revenue.recognised(since=utc("2030-03-01T00:00:00"), until=utc("2030-06-01T00:00:00"))
    assert [one.month.month for one in part] == [3, 4, 5]
    assert all(whole[one.month, one.plan] == one.cents for one in part)


def test_upgrade_counts_for_the_rest_that_it_paid_for(alice):
    period = told.Period(utc("2030-04-01T00:00:00"), utc("2030-05-01T00:00:00"))
    pays(alice, "starter", "month", period)
    rest = told.Period(utc("2030-04-16T00:00:00"), period.end)
    lines = [
        a_line(price("starter"), rest, -1450, part=True),
        a_line(price("pro"), rest, 3950, part=True),
    ]
    with time_machine.travel(rest.start + timedelta(seconds=1)):
        tell(an_invoice(alice, lines, id="in_2", reason="subscription_update"))
    found = {one.plan: one.cents for one in revenue.recognised(**ALL)}
    assert found == {"starter": 2900, "pro": 2500}


def test_recurring_revenue_counts_a_yearly_price_by_twelfths(paid, charlie):
    pays(charlie, "starter", "month", told.Period(*paid_months()), number=3)
    tell(a_subscription(charlie, price("starter"), told.Period(*paid_months()), id="sub_3"))
    found = revenue.recurring(at=utc("2030-02-10T00:00:00"))
    assert {plan: (one.subscribers, one.mrr) for plan, one in found.items()} == {
        "pro": (1, 7900),
        "starter": (2, (29_000 + 2900 * 12) // 12),
    }
    starter = found["starter"]
    assert (starter.arr, starter.arpu) == (starter.mrr * 12, starter.mrr // 2)


def paid_months():
    """A month around the tenth of February 2030."""
    return utc("2030-02-05T00:00:00"), utc("2030-03-05T00:00:00")


def test_who_paid_nothing_or_no_longer_does_not_recur(paid, charlie):
    period = told.Period(*paid_months())
    tell(a_subscription(charlie, price("pro"), period, id="sub_3"))
    tell(bought(charlie, price("pro"), period, id="in_3", sub="sub_3", paid=0))
    at = utc("2030-03-10T00:00:00")
    assert set(revenue.recurring(at=at)) == {"starter"}
    of = price("starter", "year")
    tell(a_subscription(Payment.objects.get(invoice_id="in_1").user, of, year(utc("2030-01-15T00:00:00")),
                        status="canceled", ended_at=at))  # fmt: skip
    assert revenue.recurring(at=at) == {}


def test_a_coupon_is_off_what_recurs_until_the_plan_changes(paid, charlie):
    period = told.Period(*paid_months())
    pays(charlie, "starter", "month", period, number=3, paid=1450)
    at = utc("2030-02-10T00:00:00")
    assert revenue.recurring(at=at)["starter"].mrr == (29_000 + 1450 * 12) // 12
    with time_machine.travel(at):
        tell(a_subscription(charlie, price("pro"), period, id="sub_3"))
    assert revenue.recurring(at=at)["pro"].mrr == 7900 + 7900
