"""The free plan's first credits: once per person, within a budget for each day and network."""

from datetime import UTC, datetime, time

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from billing import allowances, persons
from billing.models import FreeGrant, Subscription
from config.common.clock import now

Allowance = Subscription.Allowance


@transaction.atomic
def grant_first_allowance(*, user: User, address: str = "") -> Allowance | None:
    """Give a user whose e-mail is proven the free plan's credits for the month they are in.

    Once per person, whatever happens to their account: withheld from whoever had them under this address
    before. Where the day's budget, or that of the network of `address`, is used up, they wait for the next
    day's sweep. Return what became of them; None for a user who is on no plan.
    """
    subscription = (
        Subscription.objects.current()
        .select_for_update(of=("self",))
        .select_related("terms", "user__wallet")
        .filter(user=user, source=Subscription.Source.FREE)
        .first()
    )
    if subscription is None or subscription.allowance != Allowance.WAITING:
        return Allowance(subscription.allowance) if subscription else None
    subscription.network = persons.network(address) or subscription.network
    subscription.allowance = _decide(subscription)
    if subscription.allowance == Allowance.GRANTED:
        allowances.begin_now(subscription=subscription)
    if subscription.allowance != Allowance.WAITING:
        subscription.network = ""
    subscription.save(update_fields=["allowance", "network"])
    return subscription.allowance


def grant_waiting_allowances() -> int:
    """Give the free credits to all who proved an address and still wait; return how many got them."""
    proven = EmailAddress.objects.filter(user=OuterRef("user"), email=OuterRef("user__email"), verified=True)
    waiting = Subscription.objects.current().filter(
        Exists(proven), allowance=Allowance.WAITING, source=Subscription.Source.FREE
    )
    granted = 0
    for subscription in waiting.select_related("user").order_by("started_at").iterator():
        if _budget_left() <= 0:
            break
        granted += grant_first_allowance(user=subscription.user) == Allowance.GRANTED
    return granted


def _decide(subscription: Subscription) -> Allowance:
    """Remember the person, within the budgets, and say what becomes of their credits."""
    wallet = subscription.user.wallet
    if wallet.period_end is not None and now() < wallet.period_end:
        return Allowance.WAITING  # this month has an allowance, from a comp: theirs comes with the next
    with connection.cursor() as cursor:  # one at a time: a budget read at once by two is spent twice
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.free_grants'))")
    who = persons.person(subscription.user.email)
    if FreeGrant.objects.filter(person=who).exists():
        return Allowance.WITHHELD
    if _budget_left() <= 0 or _network_left(subscription.network) <= 0:
        return Allowance.WAITING
    FreeGrant.objects.create(
        person=who,
        network=subscription.network,
        credits=subscription.terms.credits_per_month or 0,
        granted_at=now(),
    )
    return Allowance.GRANTED


def _budget_left() -> int:
    return settings.FREE_GRANTS_PER_DAY - _today().count()


def _network_left(network: str) -> int:
    return settings.FREE_GRANTS_PER_NETWORK_PER_DAY - (
        _today().filter(network=network).count() if network else 0
    )


def _today() -> QuerySet[FreeGrant]:
    return FreeGrant.objects.filter(granted_at__gte=datetime.combine(now().date(), time.min, tzinfo=UTC))
