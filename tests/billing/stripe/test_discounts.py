"""What a discount at Stripe takes off, for how long, and in words."""

from datetime import UTC, datetime

import pytest

from billing.stripe.discounts import discounts_at, less

JAN, FEB = (datetime(2027, month, 1, tzinfo=UTC) for month in (1, 2))


def subscription(*coupons, end=None):
    discounts = [{"id": "di", "end": end and int(end.timestamp()), "source": {"coupon": c}} for c in coupons]
    return {"discounts": discounts}


def words(found):
    return [str(discount) for discount in found]


@pytest.mark.parametrize(
    ("coupon", "said", "left"),
    [
        ({"percent_off": 20.0, "amount_off": None}, "20\u00a0% off", 6320),
        ({"percent_off": 33.33}, "33.33\u00a0% off", 5267),
        ({"percent_off": 0.001}, "0.001\u00a0% off", 7900),
        ({"percent_off": 100.0}, "100\u00a0% off", 0),
        ({"percent_off": None, "amount_off": 500}, "$5 off", 7400),
        ({"amount_off": 9900}, "$99 off", 0),
    ],
)
def test_discount_is_told_and_taken_off(coupon, said, left):
    found = discounts_at(subscription(coupon), JAN, product="prod_1")
    assert (words(found), less(7900, found)) == ([said], left)


def test_each_discount_works_on_what_those_before_it_left():
    found = discounts_at(subscription({"amount_off": 1900}, {"percent_off": 50}), JAN, product=None)
    assert less(7900, found) == 3000


def test_discount_that_is_over_or_for_something_else_or_not_known_is_none():
    half = {"percent_off": 50, "duration": "repeating"}
    assert words(discounts_at(subscription(half, end=FEB), JAN, product=None)) == ["50\u00a0% off"]
    assert discounts_at(subscription(half, end=FEB), FEB, product=None) == []
    other = {**half, "applies_to": {"products": ["prod_2"]}}
    assert discounts_at(subscription(other), JAN, product="prod_1") == []
    assert words(discounts_at(subscription(other), JAN, product="prod_2")) == ["50\u00a0% off"]
    assert discounts_at(subscription("coupon_1"), JAN, product=None) == []
    assert (
        discounts_at({"discounts": ["di_1"]}, JAN, product=None) == discounts_at({}, JAN, product=None) == []
    )


def test_discount_for_one_time_is_used_up_by_a_whole_price_before():
    once = subscription({"percent_off": 50, "duration": "once"})
    assert len(discounts_at(once, JAN, product=None)) == 1
    assert discounts_at(once, JAN, product=None, after_another=True) == []
