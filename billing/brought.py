"""Finds the credits that a payment brought: which lots they are in, and how many of each are its own."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from billing.models import Payment, Subscription
from config.common.clock import now
from credits import ledger
from credits.models import Entry, EntryKind, HoldDraw, Lot, LotMovement, Source
from credits.payments import grants_of


@dataclass(frozen=True, slots=True)
class Share:
    """Credits of a lot that a payment brought: of an allowance, what its plan adds."""

    lot: Lot
    credits: int
    lot_credits: int
    """What the lot itself brought; the rest of it was taken over from the month before."""


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
        """The lots that its credits are in, and that they came back to."""
        return [*(share.lot.pk for share in self.shares), *(lot.pk for lot in self.returned)]

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
            whole = lost.get(share.lot.pk, 0) + unswept
            total += min(share.credits, -(-whole * share.credits // share.lot_credits))
        return max(0, total - sum(credits for _, credits in self.rolled))


def brought_by(payment: Payment, *, wallet_id: int) -> Brought:
    """Return what `payment` brought into the wallet, at once and in the months since: some queries.

    The caller holds the wallet's lock, so that none of it moves meanwhile.
    """
    keyed = Lot.objects.filter(wallet=wallet_id, source_key=ledger.key_id(payment.key))
    shares = [Share(lot, lot.granted, lot.granted) for lot in keyed]
    months = _months(payment, wallet_id) if payment.subscription_id else []
    shares += months
    if not shares:
        return Brought((), (), ())
    return Brought(
        tuple(shares),
        tuple(_returned(payment, shares, wallet_id)),
        tuple(_rolled([share.lot for share in months], wallet_id)),
    )


def _months(payment: Payment, wallet_id: int) -> list[Share]:
    """Return the months' allowances of the period that the payment was for, as far as they are its own.

    A payment for a change within a period ends with it: of the months to come, the one that began the period
    brought as many credits as its plan says, and each later one what its plan adds. What a month took over
    from the one before is nobody's: it is more than any of the plans brings.
    """
    lots = Lot.objects.filter(
        wallet=wallet_id,
        source=Source.ALLOWANCE,
        period_start__gte=payment.period_start,
        period_start__lt=payment.period_end,
    )
    monthly = _monthly(lots, subscription_id=payment.subscription_id)
    near = _paid_near(payment)
    shares = []
    for lot in lots:
        if lot.pk in monthly:
            covering = [each for each in near if each.covers(lot)]
            credits = min(lot.granted, max(monthly[lot.pk], *(each.monthly for each in covering)))
            if own := _own(payment, covering, credits):
                shares.append(Share(lot, own, credits))
    return shares


@dataclass(frozen=True, slots=True)
class _Paid:
    """A payment for time on a plan: which time, and what its plan brings a month."""

    payment_id: UUID
    start: datetime
    end: datetime
    monthly: int

    def covers(self, lot: Lot) -> bool:
        """Whether the month that the lot is for begins in that time."""
        return lot.period_start is not None and self.start <= lot.period_start < self.end


def _paid_near(payment: Payment) -> list[_Paid]:
    """Return the payments of the same subscription for some of the same time, by their beginning."""
    found = Payment.objects.filter(
        subscription=payment.subscription_id,
        period_start__lt=payment.period_end,
        period_end__gt=payment.period_start,
    ).order_by("period_start", "paid_at", "pk")
    columns = ("pk", "period_start", "period_end", "terms__credits_per_month")
    return [_Paid(pk, start, end, monthly or 0) for pk, start, end, monthly in found.values_list(*columns)]


def _own(payment: Payment, covering: Collection[_Paid], credits: int) -> int:
    """Return how many of a month's credits are those of `payment`, among all that were for that time."""
    begun = {each.end: each.start for each in reversed(list(covering))}
    if payment.period_end != max(begun, key=lambda end: begun[end], default=None):
        return 0  # another period has begun since, and this month is of that one
    counted = 0
    for each in covering:
        if each.end != payment.period_end:
            continue
        upto = max(counted, min(credits, each.monthly))
        if each.payment_id == payment.pk:
            return upto - counted
        counted = upto
    return 0


def _monthly(lots: Iterable[Lot], *, subscription_id: str | None) -> dict[int, int]:
    """Return, for those of the lots that are months of this subscription at Stripe, what its plan brings."""
    granted = grants_of(lots)
    subscriptions = dict(
        Subscription.objects.filter(
            pk__in={entry.reference_id for entry in granted.values()}, stripe=subscription_id
        ).values_list("pk", "terms__credits_per_month")
    )
    return {
        lot_id: subscriptions[entry.reference_id] or 0
        for lot_id, entry in granted.items()
        if entry.reference_id in subscriptions
    }


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
