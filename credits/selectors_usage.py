"""What the usage page and the API read of a stretch of time: few aggregates, however much was done in it."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import F, Q, Sum
from django.db.models.functions import TruncDate

from accounts.models import User
from credits.journal import places_before
from credits.models import Entry, EntryKind
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
    """Return what `user` spent within `span`, and since `recent_since`, in at most four queries.

    Times are looked up as places of the wallet's journal: a month costs as much among years as by itself.
    """
    first, last, late = places_before(wallet_id, [span.start, span.end, recent_since])
    within, recent = Q(seq__gt=first, seq__lte=last), Q(seq__gt=late)
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
    by_day = {row["day"]: row["paid"] for row in rows if row["paid"]}
    usage = Usage(
        span,
        spent=sum(by_day.values()),
        given_back=sum(row["back"] for row in rows),
        recent=sum(row["late"] for row in rows),
        by_day=by_day,
    )
    if not usage.spent:
        return usage
    spent = Entry.objects.filter(within, settled, wallet_id=wallet_id)
    agents, texts = by_agent_and_text(user, spent, total=usage.spent, most=MOST_TEXTS)
    return replace(usage, agents=agents, texts=texts, models=by_model(spent, total=usage.spent))
