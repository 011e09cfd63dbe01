"""Periods: 48 months from every day of a month, leap years, weeks, days and several at once."""

from calendar import monthrange
from datetime import UTC, datetime

import pytest

from billing.sandbox.engine.periods import boundary, period_at
from tests.billing.sandbox.engine.shop import DAY, at


@pytest.mark.parametrize("day", range(1, 32))
def test_month_keeps_its_day_or_the_last_of_a_shorter_month(day: int) -> None:
    anchor = int(datetime(2026, 1, day, 13, 7, 59, tzinfo=UTC).timestamp())
    for number in range(48):
        year, month = divmod(2026 * 12 + number, 12)
        last = monthrange(year, month + 1)[1]
        expected = datetime(year, month + 1, min(day, last), 13, 7, 59, tzinfo=UTC)

        assert boundary(anchor, "month", 1, number) == int(expected.timestamp())


@pytest.mark.parametrize("day", range(1, 32))
def test_month_periods_meet_without_gap_or_overlap(day: int) -> None:
    anchor = int(datetime(2027, 10, day, 23, 59, 59, tzinfo=UTC).timestamp())
    end = anchor
    for number in range(48):
        start, end_of_this = period_at(anchor, "month", 1, end)

        assert (start, end_of_this) == (end, boundary(anchor, "month", 1, number + 1))
        assert period_at(anchor, "month", 1, end_of_this - 1) == (start, end_of_this)
        end = end_of_this


def test_year_from_a_leap_day_ends_on_the_28th_and_returns_to_the_29th() -> None:
    anchor = at("2028-02-29")

    ends = [boundary(anchor, "year", 1, number) for number in range(1, 5)]

    assert ends == [at("2029-02-28"), at("2030-02-28"), at("2031-02-28"), at("2032-02-29")]


@pytest.mark.parametrize(
    ("interval", "count", "end"),
    [
        ("day", 1, "2026-02-01"),
        ("week", 2, "2026-02-14"),
        ("month", 3, "2026-04-30"),
        ("year", 2, "2028-01-31"),
    ],
)
def test_boundary_of_an_interval_and_its_count(interval: str, count: int, end: str) -> None:
    assert boundary(at("2026-01-31"), interval, count, 1) == at(end)


def test_period_before_the_anchor() -> None:
    anchor = at("2026-03-31")

    assert period_at(anchor, "month", 1, anchor - 1) == (at("2026-02-28"), anchor)
    assert period_at(anchor, "week", 1, anchor - 1) == (anchor - 7 * DAY, anchor)
