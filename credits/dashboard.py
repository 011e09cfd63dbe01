"""The usage page put together: what is left, for how long, and where it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from config.common.clock import now
from credits.chart import Chart, column_chart
from credits.forecast import Forecast, forecast, window_start
from credits.models import Lot
from credits.periods import Period
from credits.remedies import Remedy, remedy_for
from credits.selectors import Balance, balance_of, live_lots
from credits.selectors_usage import Usage, usage_of
from credits.spans import Span, month_span, months_between, period_span


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """All that the page shows of an account's credits, but their history."""

    balance: Balance
    lots: Sequence[Lot]
    usage: Usage
    chart: Chart | None
    forecast: Forecast
    remedy: Remedy | None
    months: list[str]
    """The calendar months since the account opened, newest first."""
    at: datetime
    today: date

    @property
    def days_left(self) -> int:
        """How many midnights there are until the reset, in the reader's zone."""
        return (self.balance.resets_at.astimezone(self.usage.span.zone).date() - self.today).days

    @property
    def days_early(self) -> int:
        """How many days before the reset the credits are forecast to run out."""
        if self.forecast.at is None:
            return 0
        return (self.balance.resets_at - self.forecast.at) // timedelta(days=1)

    @property
    def runs_out_today(self) -> bool:
        """Whether the forecast is for today."""
        out = self.forecast.at
        return out is not None and out.astimezone(self.usage.span.zone).date() == self.today

    @property
    def older(self) -> str:
        """The calendar month before the one shown, empty where there is none; first comes the current one."""
        shown = self.usage.span.month
        return next((month for month in self.months if not shown or month < shown), "")

    @property
    def newer(self) -> str:
        """The calendar month after the one shown; empty where the running period comes next."""
        shown = self.usage.span.month
        return next((month for month in reversed(self.months) if shown and month > shown), "")


def dashboard_of(user: User, *, month: str = "") -> Dashboard:
    """Return the dashboard of `user`: of the calendar month `month`, else of the running period."""
    at, zone = now(), user.zone
    balance = balance_of(user)
    months = months_between(balance.opened_at, at, zone=zone)
    span = _span(balance, user, month if month in months else "")
    since = window_start(opened_at=balance.opened_at, at=at, zone=zone)
    usage = usage_of(user, wallet_id=balance.wallet_id, span=span, recent_since=since)
    lots = live_lots(balance)
    today = at.astimezone(zone).date()
    return Dashboard(
        balance=balance,
        lots=lots,
        usage=usage,
        chart=column_chart(span.days(), usage.by_day, today=today),
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
        today=today,
    )


def usage_in(user: User, *, month: str = "") -> Usage:
    """Return what `user` spent in the calendar month `month` of their time zone, else the running period."""
    balance = balance_of(user)
    span = _span(balance, user, month)
    return usage_of(user, wallet_id=balance.wallet_id, span=span, recent_since=span.end)


def _span(balance: Balance, user: User, month: str) -> Span:
    period = Period(balance.starts_at, balance.resets_at)
    return month_span(month, zone=user.zone) or period_span(period, zone=user.zone)
