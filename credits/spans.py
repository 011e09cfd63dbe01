"""The stretch of time whose usage is shown: the running period, or a calendar month."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from credits.periods import Period

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`; its days are those of `zone`.

    `month` names a calendar month (2026-11) and is empty for the running period.
    """

    start: datetime
    end: datetime
    zone: ZoneInfo
    month: str = ""

    @property
    def first_day(self) -> date:
        """The day on which it begins."""
        return self.start.astimezone(self.zone).date()

    @property
    def last_day(self) -> date:
        """The last day of which some part belongs to it."""
        return (self.end - timedelta(microseconds=1)).astimezone(self.zone).date()

    def days(self) -> list[date]:
        """Return every day it touches, in order."""
        first = self.first_day
        return [first + timedelta(days=number) for number in range((self.last_day - first).days + 1)]


def period_span(period: Period, *, zone: ZoneInfo) -> Span:
    """Return `period` as a span."""
    return Span(period.start, period.end, zone)


def month_span(month: str, *, zone: ZoneInfo) -> Span | None:
    """Return the calendar month named as 2026-11, from midnight to midnight in `zone`; None for no month."""
    found = _MONTH.fullmatch(month)
    if not found:
        return None
    year, number = int(found[1]), int(found[2])
    return Span(_midnight(year, number, zone), _midnight(year, number + 1, zone), zone, month)


def months_between(first: datetime, last: datetime, *, zone: ZoneInfo) -> list[str]:
    """Return the names of the calendar months from `first` to `last`, newest first."""
    start, end = first.astimezone(zone), last.astimezone(zone)
    since, until = start.year * 12 + start.month - 1, end.year * 12 + end.month - 1
    return [f"{index // 12}-{index % 12 + 1:02}" for index in range(until, since - 1, -1)]


def _midnight(year: int, month: int, zone: ZoneInfo) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=zone)
