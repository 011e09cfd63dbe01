"""Whose the credits of a month are, where several payments were for its time."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from billing.models import Payment, Subscription
from credits.models import Lot, Source
from credits.payments import grants_of


@dataclass(frozen=True, slots=True)
class Owned:
    """A lot, the credits that it brought itself, and how many of these are of which payment."""

    lot: Lot
    credits: int
    owns: Mapping[UUID, int]


def months_of(payment: Payment, *, wallet_id: int) -> list[Owned]:
    """Return the months' allowances of which a part, or all, came with `payment`, for a period on a plan.

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
    found = []
    for lot in lots:
        if lot.pk in monthly:
            covering = [each for each in near if each.covers(lot)]
            credits = min(lot.granted, max(monthly[lot.pk], *(each.monthly for each in covering)))
            owns = _owns(covering, credits)
            if owns.get(payment.pk):
                found.append(Owned(lot, credits, owns))
    return found


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


def _owns(covering: Collection[_Paid], credits: int) -> dict[UUID, int]:
    """Return how many of a month's credits are those of each payment that was for that time.

    Where another period has begun since, the month is of that one.
    """
    begun = {each.end: each.start for each in reversed(list(covering))}
    end, counted, owns = max(begun, key=lambda end: begun[end], default=None), 0, {}
    for each in covering:
        if each.end == end:
            upto = max(counted, min(credits, each.monthly))
            owns[each.payment_id], counted = upto - counted, upto
    return owns


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
