"""Prorations: a table reckoned by hand, to the second and rounded to the nearest cent."""

import pytest

from billing.sandbox.engine.proration import rounded, unused
from tests.billing.sandbox.engine.shop import DAY, Shop, at


@pytest.mark.parametrize(
    ("amount", "start", "end", "moment", "cents"),
    [
        # 30 days of April: 15 left of 30 days, half of it.
        (3000, "2026-04-01", "2026-05-01", "2026-04-16", 1500),
        # 31 days of March: 21 of 31 days left: 3000 × 21 ÷ 31 = 2032.258…
        (3000, "2026-03-01", "2026-04-01", "2026-03-11", 2032),
        # 28 days of February: 1 of 28 days left: 2900 ÷ 28 = 103.571…
        (2900, "2026-02-01", "2026-03-01", "2026-02-28", 104),
        # A leap February: 28 of 29 days left: 2900 × 28 ÷ 29 = 2800.
        (2900, "2028-02-01", "2028-03-01", "2028-02-02", 2800),
        # One second into 30 days: 999 999 × 2 591 999 ÷ 2 592 000 = 999 998.614…
        (999_999, "2026-04-01", "2026-05-01", "2026-04-01 00:00:01", 999_999),
        # A year of 365 days, 100 days left: 29 000 × 100 ÷ 365 = 7945.205…
        (29_000, "2026-01-01", "2027-01-01", "2026-09-23", 7945),
        # Half a cent goes up: 1 × ½.
        (1, "2026-04-01", "2026-05-01", "2026-04-16", 1),
        (3, "2026-04-01", "2026-05-01", "2026-04-16", 2),
        # At the ends, and beyond them.
        (3000, "2026-04-01", "2026-05-01", "2026-04-01", 3000),
        (3000, "2026-04-01", "2026-05-01", "2026-05-01", 0),
        (3000, "2026-04-01", "2026-05-01", "2026-03-01", 3000),
        (3000, "2026-04-01", "2026-05-01", "2026-06-01", 0),
    ],
)
def test_unused_part_of_a_period(amount: int, start: str, end: str, moment: str, cents: int) -> None:
    assert unused(amount, start=at(start), end=at(end), at=at(moment)) == cents


@pytest.mark.parametrize(
    ("numerator", "denominator", "whole"),
    [(1, 2, 1), (-1, 2, -1), (3, 2, 2), (-5, 2, -3), (1, 3, 0), (-2, 3, -1)],
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, whole: int) -> None:
    assert rounded(numerator, denominator) == whole


@pytest.mark.parametrize(
    ("days", "seconds", "credit", "debit"),
    [
        # Basic 10.00, Pro 30.00, March has 31 × 86 400 = 2 678 400 seconds.
        (0, 0, -1000, 3000),
        (10, 0, -677, 2032),  # 21 ÷ 31: 677.419…, 2032.258…
        (15, 43_200, -500, 1500),  # half of the month
        (30, 86_399, 0, 0),  # one second: 0.000 37 cents
        (20, 12_345, -350, 1051),  # 938 055 ÷ 2 678 400: 350.229…, 1050.688…
    ],
)
def test_upgrade_credits_and_bills_the_same_share(days: int, seconds: int, credit: int, debit: int) -> None:
    shop = Shop("2026-03-01")
    subscription = shop.subscribe(shop.basic)
    shop.advance(shop.began + days * DAY + seconds)

    preview = shop.preview(subscription, shop.pro, proration_behavior="always_invoice")

    assert [line["amount"] for line in preview["lines"]["data"]] == [credit, debit]
    assert preview["total"] == credit + debit
