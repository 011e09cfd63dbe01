"""What an invoice was for, read from its lines."""

from datetime import UTC, datetime

import pytest

from billing.payments.bought import Bought, bought
from credits.periods import Period

JAN, FEB, MAR = (datetime(2027, month, 1, tzinfo=UTC) for month in (1, 2, 3))
MIDDLE = datetime(2027, 1, 16, tzinfo=UTC)
YEAR = datetime(2028, 1, 16, tzinfo=UTC)


def line(amount, start, end, price="price_1", *, proration=False, kind="subscription_item_details"):
    return {
        "amount": amount,
        "period": {"start": int(start.timestamp()), "end": int(end.timestamp())},
        "parent": {"type": kind, kind: {"proration": proration}},
        "pricing": price and {"type": "price_details", "price_details": {"price": price}},
    }


def of(*lines):
    return bought({"id": "in_1", "lines": {"data": list(lines)}})


def test_a_whole_price_is_its_period():
    assert of(line(2900, JAN, FEB)) == Bought(price="price_1", period=Period(JAN, FEB))


@pytest.mark.parametrize("kind", ["subscription_item_details", "invoice_item_details"])
def test_a_change_within_the_period_is_the_rest_of_it(kind):
    back = line(-1450, MIDDLE, FEB, "price_1", proration=True, kind=kind)
    rest = line(3950, MIDDLE, FEB, "price_2", proration=True, kind=kind)
    assert of(back, rest) == Bought(
        price="price_2", period=Period(MIDDLE, FEB), is_rest=True, credited="price_1"
    )


def test_a_change_of_interval_is_a_whole_period_of_the_new_one():
    back = line(-1450, MIDDLE, FEB, "price_1", proration=True)
    assert of(back, line(29000, MIDDLE, YEAR, "price_year")) == Bought(
        price="price_year", period=Period(MIDDLE, YEAR)
    )


def test_a_renewal_that_carries_an_earlier_change_is_a_renewal():
    rest = line(3950, MIDDLE, FEB, "price_2", proration=True)
    assert of(rest, line(9900, FEB, MAR, "price_2")) == Bought(price="price_2", period=Period(FEB, MAR))


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [line(500, JAN, MAR, None, kind="invoice_item_details")],
        [line(-1450, MIDDLE, FEB, proration=True)],
    ],
    ids=["none", "an_amount_of_its_own", "only_given_back"],
)
def test_other_lines_buy_nothing(lines):
    assert of(*lines) is None
