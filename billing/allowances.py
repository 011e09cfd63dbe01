"""The credits that come with a plan, month by month."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from billing.models import PlanTerms, Subscription
from config.common.clock import now
from credits import ledger, resets
from credits.ledger import Reference
from credits.models import Lot, MonthlyAllowance, Source, Wallet
from credits.payments import grants_of
from credits.periods import Period, period_containing

Allowance = Subscription.Allowance


def first_state(terms: PlanTerms) -> Allowance:
    """Return what becomes of the first credits of a new subscription to `terms`."""
    return Allowance.NONE if terms.credits_per_month is None else Allowance.WAITING


def begin_now(*, subscription: Subscription) -> None:
    """Begin a month of `subscription` now, and grant its credits and those of each month to come."""
    moment = now()
    _begin(subscription, until=None, due_at=moment, at=moment)


def grant_new_month(*, subscription: Subscription, actor: User | None) -> None:
    """Begin a month with the start of `subscription`, grant its credits, and those of each month to come.

    The account's months are counted from this day on, also after the subscription has ended.
    """
    if subscription.terms.credits_per_month is None:
        resets.stop(wallet_id=subscription.user.wallet.pk)
        return
    start = subscription.started_at
    _begin(subscription, until=subscription.ends_at, anchor=start, due_at=start, at=start, actor=actor)
    subscription.allowance = Allowance.GRANTED
    subscription.save(update_fields=["allowance"])


@transaction.atomic
def begin_period(
    *,
    subscription: Subscription,
    period: Period,
    anchor: datetime,
    terms: PlanTerms,
    key: str,
    reference: Reference | None = None,
) -> int:
    """Grant the running month of a `period` that has been paid for, and each other month of it in its time.

    A monthly period is one month, a yearly one has twelve. `anchor` is where the payer's months are counted
    from: the 31st of January, of which the 28th of February is the second. `terms` are those that were paid
    for: the months to come are those of the subscription, should it be on others meanwhile. What earlier
    allowances left stays until it expires.

    Return what the running month brings. Where it has an allowance already, of the free plan after a late
    payment, what that lacks comes on top, under `key` and for `reference`. Past the period nothing is
    granted: the next is to be paid for first. May be repeated, also after a later period has begun.
    """
    wallet = Wallet.objects.select_for_update(no_key=True).get(owner=subscription.user)
    if wallet.period_start is not None and period.end <= wallet.period_start:
        return 0
    if subscription.terms.credits_per_month is None:
        resets.stop(wallet_id=wallet.pk)
        return 0
    if period_containing(anchor=anchor, at=period.start).start != period.start:
        anchor = period.start  # its months are others than the payer's: they begin with it
    until, moment = _last_month_end(anchor, period), max(now(), period.start)
    bought = Subscription(
        pk=subscription.pk, user=subscription.user, stripe_id=subscription.stripe_id, terms=terms
    )
    granted = _begin(bought, until=until, anchor=anchor, due_at=period.start, at=moment)
    if terms != subscription.terms:
        resets.arrange(wallet_id=wallet.pk, monthly=_monthly(subscription, until=until))
    subscription.allowance = Allowance.GRANTED
    subscription.save(update_fields=["allowance"])
    month = period_containing(anchor=anchor, at=moment)
    if month.start >= until:
        return 0
    if not granted:
        _top_up(wallet, month, subscription=bought, key=key, reference=reference)
    return terms.credits_per_month or 0


def add_for_rest_of_month(
    *,
    wallet: Wallet,
    credits: int,
    month: Period,
    since: datetime,
    key: str,
    reference: Reference,
    description: str,
) -> int:
    """Grant the share of `credits` a month that is left of `month` after `since`, rounded down.

    They expire with that month. Nothing where it is over, or there are none to share. Return how many it was.
    """
    share = credits * _microseconds(month.end - since) // _microseconds(month.end - month.start)
    if share <= 0 or month.end <= now():
        return 0
    ledger.grant(
        wallet_id=wallet.pk,
        amount=share,
        source=Source.BONUS,
        key=key,
        expires_at=month.end,
        reference=reference,
        description=description,
    )
    return share


def hand_over(*, old: Subscription, new: Subscription) -> None:
    """Let the months that `old` has been paid for be those of `new`; the one that runs stays what it is."""
    arranged = MonthlyAllowance.objects.filter(wallet__owner=new.user).select_related("wallet").first()
    if old.allowance != Allowance.GRANTED or arranged is None or new.allowance == Allowance.NONE:
        follow(subscription=new)
        return
    resets.arrange(wallet_id=arranged.wallet.pk, monthly=_monthly(new, until=arranged.until))
    new.allowance = Allowance.GRANTED
    new.save(update_fields=["allowance"])


def follow(*, subscription: Subscription) -> None:
    """Let the months to come be those of `subscription`; the one that runs stays what it is.

    Without credits of its own, or while they wait or are withheld, no month is granted.
    """
    if subscription.allowance == Allowance.GRANTED:
        resets.arrange(
            wallet_id=subscription.user.wallet.pk, monthly=_monthly(subscription, until=subscription.ends_at)
        )
    else:
        resets.stop(wallet_id=subscription.user.wallet.pk)


def _top_up(
    wallet: Wallet, month: Period, *, subscription: Subscription, key: str, reference: Reference | None
) -> None:
    """Add, once, what the allowance of `month` has less than the terms bring: it was another plan's."""
    lot = Lot.objects.filter(wallet=wallet, source=Source.ALLOWANCE, period_start=month.start).first()
    if lot is None or _is_of(lot, subscription) or Lot.objects.filter(source_key=ledger.key_id(key)).exists():
        return
    lacking = (subscription.terms.credits_per_month or 0) - lot.granted
    if lacking > 0:
        ledger.grant(
            wallet_id=wallet.pk,
            amount=lacking,
            source=Source.BONUS,
            key=key,
            expires_at=month.end,
            reference=reference,
            description=f"{subscription.terms.name}, the rest of the month's credits",
        )


def _is_of(lot: Lot, subscription: Subscription) -> bool:
    """Tell whether an allowance came with the same subscription at Stripe, on whatever terms."""
    if subscription.stripe_id is None:
        return False
    came_with = Subscription.objects.filter(stripe=subscription.stripe_id).values_list("pk", flat=True)
    return grants_of([lot])[lot.pk].reference_id in set(came_with)


def _microseconds(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def _begin(
    subscription: Subscription,
    *,
    until: datetime | None,
    due_at: datetime,
    at: datetime,
    anchor: datetime | None = None,
    actor: User | None = None,
) -> bool:
    """Arrange the months of `subscription` and begin the one of `at`; tell whether it was granted."""
    wallet_id = subscription.user.wallet.pk
    resets.arrange(
        wallet_id=wallet_id, monthly=_monthly(subscription, until=until), anchor=anchor, due_at=due_at
    )
    return resets.begin(wallet_id=wallet_id, at=at, actor_id=actor.pk if actor else None)


def _monthly(subscription: Subscription, *, until: datetime | None) -> resets.Monthly:
    terms = subscription.terms
    return resets.Monthly(
        amount=terms.credits_per_month or 0,
        rollover_cap=terms.catalogue.rollover_cap,
        until=until,
        reference=Reference("subscription", subscription.pk),
        description=f"{terms.name}, credits of the month",
    )


def _last_month_end(anchor: datetime, period: Period) -> datetime:
    """Return the end of the last whole month of `period`: its own, or a few days off where months are uneven.

    So that what remains of an uneven one is not a month of its own.
    """
    last = period_containing(anchor=anchor, at=period.end)
    nearest = min(last.start, last.end, key=lambda end: abs(end - period.end))
    return nearest if nearest > period.start else period.end
