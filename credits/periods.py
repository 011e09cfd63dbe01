"""Months that begin on an account's own day: pure arithmetic, in UTC."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def month_start(*, anchor: datetime, months: int) -> datetime:
    """Return the moment `months` after `anchor`, in UTC.

    Always counted from the anchor, so a short month shortens only itself: the 31st of January is followed
    by the 28th (29th) of February and then by the 31st of March. The time of day stays the anchor's.
    """
    first = _utc(anchor)
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    day = min(first.day, monthrange(year, month + 1)[1])
    return first.replace(year=year, month=month + 1, day=day)


def nth_period(*, anchor: datetime, index: int) -> Period:
    """Return the period number `index` (from 0) of an account whose first one began at `anchor`."""
    return Period(month_start(anchor=anchor, months=index), month_start(anchor=anchor, months=index + 1))


def period_containing(*, anchor: datetime, at: datetime) -> Period:
    """Return the period in which `at` falls. Periods touch: every moment is in exactly one."""
    first, moment = _utc(anchor), _utc(at)
    index = (moment.year - first.year) * 12 + moment.month - first.month
    if moment < month_start(anchor=first, months=index):
        index -= 1
    return nth_period(anchor=first, index=index)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A period needs an aware moment.")
    return moment.astimezone(UTC)
