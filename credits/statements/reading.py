"""What a wallet's statement of a month says, read from its journal."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Max, Min, Sum

from accounts.models import User
from config.common.clock import now
from config.common.errors import Missing
from credits.causes import Cause, Reference, causes_of
from credits.journal import places_before
from credits.models import Entry, EntryKind, Wallet
from credits.models.entry import EntryQuerySet
from credits.statements.form import BEGINNING, Stand
from credits.statements.months import Month

BALANCE_KINDS = (
    EntryKind.GRANT, EntryKind.REFUND, EntryKind.SETTLE, EntryKind.EXPIRE, EntryKind.ADJUST,
    EntryKind.CLAWBACK, EntryKind.RESTORE,
)  # fmt: skip
"""The kinds that change the balance, in the order in which a statement sums them up."""


_UNNAMED = Cause("What is no longer there", "")


@dataclass(frozen=True, slots=True)
class Spending:
    """What one cause took within a month, and when it paid for the first and for the last time."""

    cause: Cause
    credits: int
    first: datetime
    last: datetime

    def and_also(self, other: "Spending") -> "Spending":
        """Return both, of one cause, as one."""
        return replace(
            self,
            credits=self.credits + other.credits,
            first=min(self.first, other.first),
            last=max(self.last, other.last),
        )


@dataclass(frozen=True, slots=True)
class SpendingGroup:
    """Spendings of one name, such as several sessions on one document, oldest first."""

    label: str
    parts: list[Spending]

    @property
    def credits(self) -> int:
        """What all of them took."""
        return sum(part.credits for part in self.parts)


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of a wallet: its entries are those after `opening.seq` up to `closing.seq`.

    A month that is not over ends with the newest entry, and is told as it stands now.
    """

    owner: User
    wallet: Wallet
    month: Month
    is_over: bool
    opening: Stand
    closing: Stand

    @property
    def count(self) -> int:
        """How many entries it has."""
        return self.closing.seq - self.opening.seq

    @property
    def entries(self) -> EntryQuerySet:
        """Its entries, oldest first."""
        rows = Entry.objects.filter(wallet=self.wallet, seq__gt=self.opening.seq, seq__lte=self.closing.seq)
        return rows.order_by("seq")

    def spent_on(self) -> list[SpendingGroup]:
        """What its credits went on, the dearest name first: one query, and one for a kind of cause."""
        paid = self.entries.filter(kind__in=[EntryKind.SETTLE, EntryKind.REFUND]).order_by()
        rows = paid.values_list("reference_kind", "reference_id").annotate(
            total=Sum("amount"), first=Min("created_at"), last=Max("created_at")
        )
        found = {Reference(kind, thing): figures for kind, thing, *figures in rows if thing}
        causes = causes_of(self.owner, found)
        by_cause: dict[Cause, Spending] = {}
        for reference, (total, first, last) in found.items():
            cause = causes.get((reference.reference_kind, reference.reference_id), _UNNAMED)
            one = Spending(cause, -total, first, last)
            by_cause[cause] = by_cause[cause].and_also(one) if cause in by_cause else one
        groups: dict[str, SpendingGroup] = {}
        for one in sorted(by_cause.values(), key=lambda one: one.first):
            if one.credits:
                groups.setdefault(one.cause.label, SpendingGroup(one.cause.label, [])).parts.append(one)
        return sorted(groups.values(), key=lambda group: -group.credits)

    def totals(self) -> dict[EntryKind, int]:
        """What each kind that changes the balance summed up to: one query."""
        sums = self.entries.order_by().values("kind").annotate(total=Sum("amount"))
        found = {row["kind"]: row["total"] for row in sums}
        return {kind: found.get(kind, 0) for kind in BALANCE_KINDS}


def statement_of(user: User, month: Month) -> Statement:
    """Return the statement of `user` for `month`: three queries. Raises Missing for a month without one."""
    at = now()
    wallet = Wallet.objects.of(user).get()
    if not Month.of(wallet.opened_at) <= month <= Month.of(at):
        raise Missing("There is no statement of this month.")
    opening, closing = _stands(wallet, [month.start, month.end])
    return Statement(user, wallet, month, at >= month.end, opening, closing)


def statements_of(user: User, *, until: Month | None = None, most: int = 12) -> list[Statement]:
    """Return the statements of `user`, newest first: `most` of them, from `until` back. Three queries."""
    at = now()
    wallet = Wallet.objects.of(user).get()
    first, month = Month.of(wallet.opened_at), Month.of(at)
    if until is not None:
        month = min(until, month)
    months: list[Month] = []
    while first <= month and len(months) < most:
        months.append(month)
        month = month.previous
    if not months:
        return []
    stands = _stands(wallet, [months[0].end, *(month.start for month in months)])
    return [
        Statement(user, wallet, month, at >= month.end, opening, closing)
        for month, closing, opening in zip(months, stands, stands[1:], strict=False)
    ]


def _stands(wallet: Wallet, moments: list[datetime]) -> list[Stand]:
    """Return where the wallet stood before each of the moments."""
    places = places_before(wallet.pk, moments)
    rows = Entry.objects.filter(wallet=wallet, seq__in=set(places) - {0})
    known = {
        row.seq: Stand(row.seq, row.balance_after, row.held_after, bytes(row.hash).hex()) for row in rows
    }
    return [known.get(place, BEGINNING) for place in places]
