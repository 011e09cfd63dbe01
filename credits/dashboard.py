"""The usage page put together: what is left, for how long, and where it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from config.common.clock import now
from credits.chart import Chart, column_chart
from credits.forecast import Forecast, forecast, window_start
from credits.models import Lot
from credits.periods import Period
from credits.remedies import Remedy, remedy_for
from credits.selectors import Balance, balance_of, live_lots
from credits.selectors_usage import Usage, usage_of
from credits.spans import Span, months_between
from credits.statements.months import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """All that the page shows of an account's credits, but their history."""

    balance: Balance
    lots: Sequence[Lot]
    usage: Usage
    chart: Chart | None
    forecast: Forecast
    remedy: Remedy | None
    months: list[Month]
    """The calendar months since the account opened, newest first."""
    at: datetime
    today: date
    """The reader's own."""

    @property
    def days_left(self) -> int:
        """How many midnights of the reader's there are until the reset."""
        return (self._day(self.balance.resets_at) - self.today).days

    @property
    def days_early(self) -> int:
        """How many days before the reset the credits are forecast to run out."""
        out = self.forecast.at
        return (self._day(self.balance.resets_at) - self._day(out)).days if out else 0

    @property
    def runs_out_today(self) -> bool:
        """Whether the forecast is for today."""
        out = self.forecast.at
        return out is not None and self._day(out) == self.today

    @property
    def older(self) -> Month | None:
        """The month before the one shown, None where there is none; the current one is before the period."""
        shown = self.usage.span.month
        return next((month for month in self.months if shown is None or month < shown), None)

    @property
    def newer(self) -> Month | None:
        """The month after the one shown; None where the running period comes next."""
        shown = self.usage.span.month
        return next((month for month in reversed(self.months) if shown and month > shown), None)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.at.tzinfo).date()


def dashboard_of(user: User, *, month: str = "") -> Dashboard:
    """Return the dashboard of `user`: of the calendar month `month`, else of the running period."""
    at = now().astimezone(user.zone)
    balance = balance_of(user)
    months = months_between(balance.opened_at, at)
    span = _span(user, balance, next((known for known in months if str(known) == month), None))
    since = window_start(opened_at=balance.opened_at, at=at)
    usage = usage_of(user, wallet_id=balance.wallet_id, span=span, recent_since=since)
    lots = live_lots(balance)
    return Dashboard(
        balance=balance,
        lots=lots,
        usage=usage,
        chart=column_chart(span.days(), usage.by_day, today=at.astimezone(span.zone).date()),
        forecast=forecast(
            lots,
            spent=usage.recent,
            since=since,
            at=at,
            renews_at=balance.resets_at if balance.allowance else None,
        ),
        remedy=remedy_for(user, allowance=balance.allowance) if balance.is_low or balance.is_spent else None,
        months=months,
        at=at,
        today=at.date(),
    )


def usage_in(user: User, *, month: str = "") -> Usage:
    """Return what `user` spent in the calendar month `month`, else in the running period."""
    balance = balance_of(user)
    span = _span(user, balance, Month.read(month))
    return usage_of(user, wallet_id=balance.wallet_id, span=span, recent_since=span.end)


def _span(user: User, balance: Balance, month: Month | None) -> Span:
    if month is not None:
        return Span.of_month(month)
    return Span.of_period(Period(balance.starts_at, balance.resets_at), zone=user.zone)
