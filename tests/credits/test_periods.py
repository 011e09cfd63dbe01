"""Anniversary months: every moment in exactly one, whatever the anchor's day (A17)."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from credits.periods import Period, month_start, nth_period, period_containing

ANCHORS = [datetime(2024, 1, day, 17, 45, 12, 345678, tzinfo=UTC) for day in range(1, 32)]
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize("anchor", ANCHORS, ids=lambda anchor: str(anchor.day))
def test_forty_eight_months_touch_without_gap_or_overlap(anchor):
    for index in range(48):
        period = nth_period(anchor=anchor, index=index)
        assert period.start < period.end
        assert period.end == nth_period(anchor=anchor, index=index + 1).start
        assert period.start.day <= anchor.day
        assert (period.start.hour, period.start.microsecond) == (17, 345678)
        for inside in (period.start, period.start + timedelta(days=13), period.end - MOMENT):
            assert period_containing(anchor=anchor, at=inside) == period
        assert period_containing(anchor=anchor, at=period.end) != period
        assert period_containing(anchor=anchor, at=period.start - MOMENT) != period


def test_the_last_day_of_a_month_comes_back_after_a_short_month():
    anchor = datetime(2023, 10, 31, tzinfo=UTC)
    days = [month_start(anchor=anchor, months=index).date().isoformat() for index in range(6)]
    assert days == ["2023-10-31", "2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"]


def test_a_leap_day_anchor_falls_on_the_28th_in_common_years():
    anchor = datetime(2024, 2, 29, 12, tzinfo=UTC)
    assert month_start(anchor=anchor, months=12) == datetime(2025, 2, 28, 12, tzinfo=UTC)
    assert month_start(anchor=anchor, months=48) == datetime(2028, 2, 29, 12, tzinfo=UTC)


def test_periods_before_the_anchor_are_counted_back():
    anchor = datetime(2024, 1, 31, tzinfo=UTC)
    assert period_containing(anchor=anchor, at=datetime(2023, 12, 31, tzinfo=UTC) - MOMENT) == Period(
        datetime(2023, 11, 30, tzinfo=UTC), datetime(2023, 12, 31, tzinfo=UTC)
    )


def test_the_day_is_the_one_in_utc_wherever_the_anchor_was_written():
    """A local evening of the 30th is the 31st in UTC; summer time moves nothing."""
    new_york = datetime(2024, 3, 30, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    period = period_containing(
        anchor=new_york, at=datetime(2024, 4, 2, 9, tzinfo=timezone(timedelta(hours=9)))
    )
    assert period == Period(
        datetime(2024, 3, 31, 3, 30, tzinfo=UTC), datetime(2024, 4, 30, 3, 30, tzinfo=UTC)
    )


def test_a_moment_belongs_to_a_period_from_its_start_to_before_its_end():
    period = nth_period(anchor=ANCHORS[0], index=0)
    assert period.start in period
    assert period.end not in period


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="aware"):
        month_start(anchor=datetime(2024, 1, 1), months=1)  # noqa: DTZ001
