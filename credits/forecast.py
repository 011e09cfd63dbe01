"""When credits will run out, should they go on being spent as of late: pure arithmetic."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

WINDOW = 14
"""Days of use that a forecast looks back on, today among them."""

LEAST = timedelta(days=3)
"""A shorter history says nothing of the days to come."""

FAR = timedelta(days=365)


class Outlook(StrEnum):
    """What can be said."""

    UNUSED = "unused"
    EARLY = "early"
    RUNS_OUT = "runs_out"
    BEYOND = "beyond"
    LONG = "long"


class Supply(Protocol):
    """Credits that end together, such as a lot."""

    remaining: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the pace of late means for what is left.

    `at` is when the last credit goes, None where that is not told; `days` is how many days the pace was
    taken from, `per_day` the credits spent on each, on average.
    """

    outlook: Outlook
    at: datetime | None = None
    per_day: float = 0.0
    days: int = WINDOW

    @property
    def pace(self) -> str:
        """The pace in words: 12 credits a day, 2.5 credits a week."""
        if self.per_day >= 1:
            return f"{_short(self.per_day)} a day"
        weekly = self.per_day * 7
        return f"{_short(weekly)} a week" if weekly >= 1 else "less than a credit a week"


def window_start(*, opened_at: datetime, at: datetime) -> datetime:
    """Return from when on use counts: the last 14 days of the zone of `at`, or since the account opened."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return max(opened_at, midnight - timedelta(days=WINDOW - 1))


def forecast(
    supplies: Iterable[Supply], *, spent: int, since: datetime, at: datetime, renews_at: datetime | None
) -> Forecast:
    """Say how long `supplies`, in burn order, last at the pace of `spent` credits between `since` and `at`.

    `renews_at` is when the next allowance comes, None where none does. Too little history, or none, gives no
    date.
    """
    passed = at - since
    if spent <= 0:
        return Forecast(Outlook.UNUSED)
    if passed < LEAST:
        return Forecast(Outlook.EARLY)
    per_day = spent / (passed / timedelta(days=1))
    days = min(WINDOW, -(-passed // timedelta(days=1)))
    end = runs_out(supplies, at=at, per_credit=timedelta(days=1) / per_day)
    if renews_at is not None and end >= renews_at:
        return Forecast(Outlook.BEYOND, per_day=per_day, days=days)
    if end - at > FAR:
        return Forecast(Outlook.LONG, per_day=per_day, days=days)
    return Forecast(Outlook.RUNS_OUT, at=end, per_day=per_day, days=days)


def runs_out(supplies: Iterable[Supply], *, at: datetime, per_credit: timedelta) -> datetime:
    """Return when the last credit goes where each takes `per_credit`; what a lot has left at its end is lost.

    At most twice `FAR` from `at`: nobody plans further.
    """
    moment, horizon = at, at + 2 * FAR
    each = max(per_credit, timedelta.resolution)
    for supply in supplies:
        lasts = supply.remaining <= (horizon - moment) // each
        end = moment + each * supply.remaining if lasts else horizon
        if supply.expires_at is not None:
            end = max(moment, min(end, supply.expires_at))
        moment = end
    return moment


def _short(number: float) -> str:
    """Two digits where they matter: 2.5, 12, 1 credit."""
    short = f"{number:.1f}".removesuffix(".0") if number < 10 else f"{number:.0f}"
    return f"{short} credit{'' if short == '1' else 's'}"
