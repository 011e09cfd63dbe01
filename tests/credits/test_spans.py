"""Which days are shown."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from credits.periods import Period
from credits.spans import Span, months_between
from credits.statements.months import Month


def test_a_period_has_every_day_it_touches_in_the_readers_zone():
    period = Period(datetime(2026, 11, 14, 23, 30, tzinfo=UTC), datetime(2026, 12, 14, 23, 30, tzinfo=UTC))
    here = Span.of_period(period, zone=ZoneInfo("Europe/Vienna"))
    assert (here.first_day, here.last_day, len(here.days())) == (date(2026, 11, 15), date(2026, 12, 15), 31)
    there = Span.of_period(period, zone=ZoneInfo("America/New_York"))
    assert (there.first_day, there.last_day, len(there.days())) == (
        date(2026, 11, 14),
        date(2026, 12, 14),
        31,
    )


def test_a_period_that_ends_at_midnight_does_not_touch_the_next_day():
    period = Period(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC))
    assert Span.of_period(period, zone=UTC).days() == [date(2026, 11, day) for day in (1, 2, 3)]


@pytest.mark.parametrize(("name", "days"), [("2026-11", 30), ("2028-02", 29), ("2026-12", 31)])
def test_a_month_is_that_of_its_statement(name, days):
    month = Month.read(name)
    span = Span.of_month(month)
    assert (span.start, span.end, span.month) == (month.start, month.end, month)
    assert [day.day for day in span.days()] == list(range(1, days + 1))


def test_a_day_without_an_hour_counts_once():
    period = Period(datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 4, 20, tzinfo=UTC))
    days = Span.of_period(period, zone=ZoneInfo("Europe/Vienna")).days()
    assert len(days) == len(set(days)) == 32


def test_months_since_the_account_opened_come_newest_first():
    found = months_between(datetime(2025, 11, 30, 23, 59, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    assert [str(month) for month in found] == ["2026-02", "2026-01", "2025-12", "2025-11"]
    moment = datetime(2026, 2, 1, tzinfo=UTC)
    assert [str(month) for month in months_between(moment, moment)] == ["2026-02"]
