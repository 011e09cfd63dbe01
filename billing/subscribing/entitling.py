"""Brings the plan in force in line with what is paid at Stripe."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Value, When

from accounts.models import User
from billing import allowances, notices
from billing.models import PlanTerms, StripeSubscription, Subscription
from billing.models.stripe_subscription import LIVE
from billing.subscribing import switching
from config.common.clock import now
from credits.ledger import Reference

PAID = Subscription.Source.PAID
_IN_ORDER = ("trialing", "active")


@transaction.atomic
def follow_payments(*, user: User) -> Subscription | None:
    """Put `user` on the plan that is paid for, or off one that no longer is; return what they are on.

    The plan that is paid for takes the place of whatever was in force, also of a given one. Its end is that
    of what is paid for, and the grace: a renewal moves it. Who falls to the free plan keeps everything.
    What a payment brings comes with the payment; only a plan that comes back, as after a refund that failed,
    goes on with its months here, and with the one that it missed.
    """
    switching.lock(user)
    moment = now()
    old, paid = switching.current(user), _entitling(user, moment)
    if paid is None:
        if old is None or old.source != PAID:
            return old
        free = switching.fall_back(old, at=moment)
        notices.plan_ended(old, new=free)
        return free
    terms = _terms(paid, old)
    if old is not None and old.stripe_id == paid.pk and old.terms_id == terms.pk:
        if old.ends_at != paid.ends_at:
            old.ends_at = paid.ends_at
            old.save(update_fields=["ends_at"])
        return old
    return _begin(user, old=old, paid=paid, terms=terms, at=moment)


def realign() -> int:
    """Put right the ends that another length of the grace would give; return how many users that was."""
    grace = timedelta(days=settings.BILLING_GRACE_DAYS)
    paid = Subscription.objects.current().filter(source=PAID)
    apart = paid.exclude(ends_at=F("stripe__paid_until") + grace).select_related("user")
    users = [subscription.user for subscription in apart]
    for user in users:
        follow_payments(user=user)
    return len(users)


def in_force(stripe: StripeSubscription) -> Subscription | None:
    """Return the user's current subscription where it is the one of `stripe`."""
    return (
        Subscription.objects.current()
        .filter(stripe=stripe)
        .select_related("user__wallet", "terms__catalogue", "terms__plan")
        .first()
    )


def _entitling(user: User, moment: datetime) -> StripeSubscription | None:
    """Return the subscription at Stripe that entitles `user` now: a live one before one that is over."""
    return (
        StripeSubscription.objects.giving(moment)
        .filter(user=user)
        .order_by(Case(When(status__in=LIVE, then=Value(0)), default=Value(1)), "-paid_until", "pk")
        .select_related("price__terms__plan")
        .first()
    )


def _terms(paid: StripeSubscription, old: Subscription | None) -> PlanTerms:
    """Return the terms to be on: those of its price, but not of a greater plan that is still to be paid.

    Where all of what was paid for a change to them went back, those that are still paid for.
    """
    terms = paid.price.terms
    if old is not None and old.stripe_id == paid.pk and paid.status not in _IN_ORDER:
        terms = old.terms if terms.plan.rank > old.terms.plan.rank else terms
    running = paid.payments.filter(period_end__gte=paid.paid_until, terms__isnull=False)
    if not running.filter(terms=terms).exists() or running.kept().filter(terms=terms).exists():
        return terms
    left = running.kept().order_by("-period_start", "-paid_at").select_related("terms__plan").first()
    return left.terms if left is not None and left.terms is not None else terms


def _begin(
    user: User, *, old: Subscription | None, paid: StripeSubscription, terms: PlanTerms, at: datetime
) -> Subscription:
    new = Subscription(
        user=user,
        terms=terms,
        source=PAID,
        stripe=paid,
        allowance=allowances.first_state(terms),
        started_at=at,
        ends_at=paid.ends_at,
    )
    if old is not None:
        switching.end(old, at=at)
    new.save()
    if old is not None and old.stripe_id == paid.pk:
        allowances.hand_over(old=old, new=new)
        notices.plan_began(new, old=old)
    else:
        _go_on(new, paid)
    switching.announce(user, old=old, new=new)
    return new


def _go_on(subscription: Subscription, paid: StripeSubscription) -> None:
    """Let the months of what is paid for come: also of a plan that comes back, as after a failed refund."""
    first = paid.first_payment()
    if first is None or first.period is None:
        allowances.follow(subscription=subscription)
        return
    allowances.begin_period(
        subscription=subscription,
        period=first.period,
        anchor=paid.anchor,
        terms=subscription.terms,
        key=first.key,
        reference=Reference("payment", first.pk),
    )
