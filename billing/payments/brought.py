"""Finds the credits that a payment brought: which lots they are in, and how many of each are its own."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from billing.models import Payment, Reversal, Subscription
from billing.payments.months import Owned, months_of
from config.common.clock import now
from credits import ledger
from credits.models import Entry, EntryKind, HoldDraw, Lot, LotMovement, Source
from credits.payments import grants_of

_Taken = Mapping[tuple[int, UUID], int]
"""By lot and payment how many credits were taken back."""


@dataclass(frozen=True, slots=True)
class Share:
    """Credits of a lot that a payment brought: of an allowance, what its plan adds."""

    lot: Lot
    credits: int
    lot_credits: int
    """What the lot itself brought; the rest of it was taken over from the month before."""
    taken: int
    """How many of `credits` were taken back already."""
    taken_of_others: int
    """How many of what other payments have in the lot were taken back already."""

    @property
    def is_whole(self) -> bool:
        """Whether all that the lot brought is of this payment."""
        return self.credits == self.lot_credits

    def part_of(self, unused: int) -> int:
        """Return how many of the lot's `unused` credits are this payment's, rounded up.

        Those that were taken back from whoever has a part of the lot are none of its unused ones.
        """
        left, left_of_all = self.credits - self.taken, self.lot_credits - self.taken - self.taken_of_others
        return min(left, -(-unused * left // left_of_all)) if left_of_all else 0


@dataclass(frozen=True, slots=True)
class Brought:
    """What a payment brought so far. `returned` are lots into which some of it came back later.

    `rolled` are the lots of months that took over what was left of one of its months, with how many credits.
    """

    shares: tuple[Share, ...]
    returned: tuple[Lot, ...]
    rolled: tuple[tuple[Lot, int], ...]

    @property
    def credits(self) -> int:
        """How many credits came with it."""
        return sum(share.credits for share in self.shares)

    @property
    def lot_ids(self) -> list[int]:
        """The lots that are all its own, and those that its credits came back to."""
        return [
            *(share.lot.pk for share in self.shares if share.is_whole),
            *(lot.pk for lot in self.returned),
        ]

    @property
    def parts(self) -> list[tuple[Lot, int]]:
        """The lots of which a part is its own, with how many credits of it are still there to be taken."""
        return [(share.lot, share.credits - share.taken) for share in self.shares if not share.is_whole]

    def gone(self) -> int:
        """Return how many of them ended, or were corrected away, without having been used: one query.

        Of a lot that two payments share, each has its part of these.
        """
        moved = LotMovement.objects.filter(lot__in=[share.lot.pk for share in self.shares])
        moved = moved.filter(entry__kind__in=[EntryKind.EXPIRE, EntryKind.ADJUST])
        lost: dict[int, int] = dict(
            moved.values_list("lot").annotate(total=-Sum("amount")).values_list("lot", "total")
        )
        at, total = now(), 0
        for share in self.shares:
            unswept = share.lot.remaining if share.lot.expires_at and share.lot.expires_at <= at else 0
            total += share.part_of(lost.get(share.lot.pk, 0) + unswept)
        return max(0, total - sum(credits for _, credits in self.rolled))


def brought_by(payment: Payment, *, wallet_id: int) -> Brought:
    """Return what `payment` brought into the wallet, at once and in the months since: some queries.

    The caller holds the wallet's lock, so that none of it moves meanwhile.
    """
    keyed = Lot.objects.filter(wallet=wallet_id, source_key=ledger.key_id(payment.key))
    months = months_of(payment, wallet_id=wallet_id) if payment.subscription_id else []
    found = [Owned(lot, lot.granted, {payment.pk: lot.granted}) for lot in keyed] + months
    if not found:
        return Brought((), (), ())
    taken = _taken([part.lot for part in found])
    shares = [_share(payment, part, taken) for part in found]
    return Brought(
        tuple(shares),
        tuple(_returned(payment, shares, wallet_id)),
        tuple(_rolled([part.lot for part in months], wallet_id)),
    )


def _share(payment: Payment, part: Owned, taken: _Taken) -> Share:
    back = {owner: min(own, taken.get((part.lot.pk, owner), 0)) for owner, own in part.owns.items()}
    mine = back.pop(payment.pk)
    return Share(
        part.lot, part.owns[payment.pk], part.credits, taken=mine, taken_of_others=sum(back.values())
    )


def _taken(lots: Collection[Lot]) -> _Taken:
    """Return how many credits of the lots were taken back, less those that came back to them: two queries."""
    moved = (
        LotMovement.objects.filter(
            lot__in=lots,
            entry__kind__in=[EntryKind.CLAWBACK, EntryKind.RESTORE],
            entry__reference_kind="reversal",
        )
        .values_list("lot", "entry__reference_id")
        .annotate(total=-Sum("amount"))
        .values_list("lot", "entry__reference_id", "total")
    )
    rows = list(moved)
    payments = dict(
        Reversal.objects.filter(reference__in={row[1] for row in rows}).values_list("reference", "payment")
    )
    taken: Counter[tuple[int, UUID]] = Counter()
    for lot_id, reference, credits in rows:
        if reference in payments:
            taken[lot_id, payments[reference]] += credits
    return taken


def _returned(payment: Payment, shares: Collection[Share], wallet_id: int) -> list[Lot]:
    """Return the lots that were made of its credits when these came back too late for their own."""
    first = min(share.lot.pk for share in shares)
    lots = list(Lot.objects.filter(wallet=wallet_id, source=Source.REFUND, pk__gt=first))
    if not lots:
        return []
    own = {share.lot.pk for share in shares}
    entries = grants_of(lots)
    holds = {entry.hold_id for entry in entries.values() if entry.hold_id is not None}
    drawn = set(HoldDraw.objects.filter(hold__in=holds, lot__in=own).values_list("hold", flat=True))
    reversals = set(payment.reversals.values_list("reference", flat=True))
    return [lot for lot in lots if _came_back(entries[lot.pk], drawn, reversals)]


def _came_back(entry: Entry, drawn: Collection[int | None], reversals: Collection[object]) -> bool:
    return entry.hold_id in drawn or (entry.kind == EntryKind.RESTORE and entry.reference_id in reversals)


def _rolled(lots: Collection[Lot], wallet_id: int) -> list[tuple[Lot, int]]:
    """Return the living months that took over what was left of `lots`, and how many credits."""
    if not lots:
        return []
    ends = {lot.expires_at for lot in lots}
    after = Lot.objects.filter(wallet=wallet_id, source=Source.ALLOWANCE, period_start__in=ends)
    granted = grants_of(after := after.filter(expires_at__gt=now()))
    terms = dict(
        Subscription.objects.filter(pk__in={entry.reference_id for entry in granted.values()}).values_list(
            "pk", "terms__credits_per_month"
        )
    )
    found = []
    for lot in after:
        reference_id = granted[lot.pk].reference_id
        own = terms.get(reference_id) if reference_id else None
        if own is not None and lot.granted > own:
            found.append((lot, lot.granted - own))
    return found
