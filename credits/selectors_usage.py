"""What the usage page and the API read of a stretch of time: few aggregates, however much was done in it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import F, Q, Sum
from django.db.models.functions import TruncDate

from accounts.models import User
from credits.models import Entry, EntryKind
from credits.models.entry import EntryQuerySet
from credits.shares import Share, by_agent_and_text, by_model
from credits.spans import Span

MOST_TEXTS = 6


class DaySpent(NamedTuple):
    """What was spent on one day."""

    day: date
    credits: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Credits spent within `span`: settlements of the journal. Each way of dividing them adds up to `spent`.

    `given_back` was refunded within it; `recent` was spent since the moment that was asked for.
    """

    span: Span
    spent: int
    given_back: int
    recent: int
    by_day: dict[date, int]
    agents: list[Share] = field(default_factory=list)
    models: list[Share] = field(default_factory=list)
    texts: list[Share] = field(default_factory=list)

    @property
    def days(self) -> list[DaySpent]:
        """The days on which something was spent, in order."""
        return [DaySpent(day, credits) for day, credits in self.by_day.items()]


def usage_of(user: User, *, wallet_id: int, span: Span, recent_since: datetime) -> Usage:
    """Return what `user` spent within `span`, and since `recent_since`, in a fixed number of queries."""
    within = Q(created_at__gte=span.start, created_at__lt=span.end)
    recent = Q(created_at__gte=recent_since)
    settled = Q(kind=EntryKind.SETTLE)
    rows = (
        Entry.objects.filter(
            within | recent, wallet_id=wallet_id, kind__in=[EntryKind.SETTLE, EntryKind.REFUND]
        )
        .values(day=TruncDate("created_at", tzinfo=span.zone))
        .annotate(
            paid=Sum(-F("amount"), filter=within & settled, default=0),
            back=Sum("amount", filter=within & ~settled, default=0),
            late=Sum(-F("amount"), filter=recent & settled, default=0),
        )
        .order_by("day")
    )
    paid, back, late = Counter[date](), 0, 0
    for row in rows:
        paid[row["day"]] += row["paid"]
        back += row["back"]
        late += row["late"]
    by_day = {day: credits for day, credits in paid.items() if credits}
    total = sum(by_day.values())
    usage = Usage(span, spent=total, given_back=back, recent=late, by_day=by_day)
    return _divided(user, usage, spent_within(wallet_id, span)) if total else usage


def spent_within(wallet_id: int, span: Span) -> EntryQuerySet:
    """Return the settlements of a wallet within `span`."""
    return Entry.objects.filter(
        wallet_id=wallet_id, kind=EntryKind.SETTLE, created_at__gte=span.start, created_at__lt=span.end
    )


def _divided(user: User, usage: Usage, spent: EntryQuerySet) -> Usage:
    agents, texts = by_agent_and_text(user, spent, total=usage.spent, most=MOST_TEXTS)
    usage.agents.extend(agents)
    usage.texts.extend(texts)
    usage.models.extend(by_model(spent, total=usage.spent))
    return usage
