"""When credits run out, at the pace of late."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.forecast import Forecast, Outlook, forecast, runs_out, window_start

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Lot:
    """Credits that end together."""

    remaining: int
    expires_at: datetime | None = None


def looked(lots, *, spent, days=14, renews=None):
    """A forecast from `days` of use."""
    return forecast(
        lots,
        spent=spent,
        since=AT - days * DAY,
        at=AT,
        renews_at=None if renews is None else AT + renews * DAY,
    )


def test_the_window_is_fourteen_days_of_the_readers_own():
    at = datetime(2026, 11, 20, 0, 30, tzinfo=ZoneInfo("Europe/Vienna"))
    assert window_start(opened_at=AT - 90 * DAY, at=at) == datetime(
        2026, 11, 7, tzinfo=ZoneInfo("Europe/Vienna")
    )


def test_a_younger_account_is_looked_at_since_it_opened():
    assert window_start(opened_at=AT - 5 * DAY, at=AT) == AT - 5 * DAY


def test_without_use_nothing_is_foretold():
    assert looked([Lot(20)], spent=0) == Forecast(Outlook.UNUSED)


def test_two_days_say_nothing_of_the_third():
    assert looked([Lot(20)], spent=18, days=2).outlook is Outlook.EARLY
    assert looked([Lot(20)], spent=18, days=3).outlook is Outlook.RUNS_OUT


def test_they_run_out_when_all_lots_are_spent():
    told = looked([Lot(10, AT + 9 * DAY), Lot(5)], spent=42, renews=9)
    assert told == Forecast(Outlook.RUNS_OUT, at=AT + 5 * DAY, per_day=3.0, days=14)


def test_they_last_beyond_the_reset():
    assert looked([Lot(30, AT + 9 * DAY)], spent=42, renews=9).outlook is Outlook.BEYOND


def test_what_a_lot_has_left_at_its_end_is_not_counted_on():
    told = looked([Lot(100, AT + 2 * DAY), Lot(3)], spent=42, renews=9)
    assert told.at == AT + 3 * DAY


def test_where_nothing_renews_it_is_told_however_late():
    assert looked([Lot(90)], spent=14).at == AT + 90 * DAY
    assert looked([Lot(10**9)], spent=1).outlook is Outlook.LONG


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (14, "1 credit a day"),
        (35, "2.5 credits a day"),
        (200, "14 credits a day"),
        (5, "2.5 credits a week"),
        (1, "less than a credit a week"),
    ],
)
def test_the_pace_is_said_in_words(spent, words):
    assert looked([Lot(1)], spent=spent).pace == words


_LOTS = st.lists(
    st.tuples(st.integers(1, 10**12), st.one_of(st.none(), st.integers(0, 400))), max_size=6
).map(lambda lots: [Lot(amount, None if end is None else AT + end * DAY) for amount, end in lots])


@given(lots=_LOTS, more=st.integers(1, 1000), hours=st.integers(1, 10**5))
def test_more_credits_never_run_out_sooner_and_a_slower_pace_neither(lots, more, hours):
    pace = timedelta(hours=hours)
    end = runs_out(lots, at=AT, per_credit=pace)
    assert runs_out([*lots, Lot(more)], at=AT, per_credit=pace) >= AT
    assert end <= runs_out([*lots, Lot(more)], at=AT, per_credit=pace)
    assert end <= runs_out(lots, at=AT, per_credit=pace + timedelta(hours=1))
