"""The stretch of time whose usage is shown: the running period, or a month as statements count it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from credits.periods import Period
from credits.statements.months import Month


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`; its days are those of `zone`.

    `month` is the calendar month it is, in UTC as its statement; None for the running period, whose days are
    the reader's own.
    """

    start: datetime
    end: datetime
    zone: tzinfo
    month: Month | None = None

    @classmethod
    def of_period(cls, period: Period, *, zone: tzinfo) -> "Span":
        """Return `period`, in days of `zone`."""
        return cls(period.start, period.end, zone)

    @classmethod
    def of_month(cls, month: Month) -> "Span":
        """Return a calendar month."""
        return cls(month.start, month.end, UTC, month)

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


def months_between(first: datetime, last: datetime) -> list[Month]:
    """Return the calendar months from that of `first` to that of `last`, newest first."""
    month, oldest = Month.of(last), Month.of(first)
    months = [month]
    while month > oldest:
        month = month.previous
        months.append(month)
    return months
