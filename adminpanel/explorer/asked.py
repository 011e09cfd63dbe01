"""What an operator asks the explorer: which usage, by what. Read leniently: a page is never refused."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

DIMENSIONS = {
    "day": "Day",
    "user": "User",
    "agent": "Agent",
    "model": "Model",
    "provider": "Provider",
    "metric": "Metric",
}
LONGEST = timedelta(days=366)
USUAL = timedelta(days=29)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Usage from the day `since` to the day `until`, both included, in UTC; empty filters keep all."""

    by: str
    since: date
    until: date
    user: str = ""
    provider: str = ""
    model: str = ""
    metric: str = ""

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.since, time.min, tzinfo=UTC)

    @property
    def ends(self) -> datetime:
        """The moment after the last."""
        return datetime.combine(self.until + timedelta(days=1), time.min, tzinfo=UTC)

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.since + timedelta(days=number) for number in range((self.until - self.since).days + 1)]

    def query(self, **changes: Any) -> str:
        """Return it as the query of an address, with changes."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return urlencode({name: value for name, value in {**fields, **changes}.items() if value})


def read(given: QueryDict, *, today: date) -> Asked:
    """Return what `given` asks for; the last thirty days, by day, where it says nothing that makes sense."""
    until = min(_day(given.get("until")) or today, today)
    since = _day(given.get("since")) or until - USUAL
    if not until - LONGEST <= since <= until:
        since = until - USUAL
    by = given.get("by", "")
    return Asked(
        by=by if by in DIMENSIONS else "day",
        since=since,
        until=until,
        **{name: given.get(name, "").strip()[:254] for name in ("user", "provider", "model", "metric")},
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
