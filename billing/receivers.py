"""What billing does when something happens to an account, or on the meter."""

import logging
from functools import partial
from typing import Any
from uuid import UUID

import redis
from django.db import transaction
from django.dispatch import receiver
from kombu.exceptions import OperationalError

from accounts.models import User
from accounts.signals import account_opened, email_verified
from billing import customers, debts, quotas
from billing.allowances import grant_first_allowance
from billing.provisioning import open_free_subscription
from config.common import valkey
from credits.models import Metric, Wallet
from credits.periods import Period
from credits.signals import credits_arrived, usage_counted

logger = logging.getLogger(__name__)


@receiver(account_opened)
def put_on_free_plan(user: User, **kwargs: Any) -> None:
    """Put a new account on the free plan."""
    open_free_subscription(user=user)


@receiver(email_verified)
def give_free_credits(user: User, address: str = "", **kwargs: Any) -> None:
    """Give the free credits; `address` is where the proof came from, where that is known."""
    grant_first_allowance(user=user, address=address)


@receiver(email_verified)
def tell_stripe_the_address(user: User, **kwargs: Any) -> None:
    """Have Stripe send its receipts to the address that the user has now, where it knows the user."""
    if customers.is_known(user):
        transaction.on_commit(partial(_ring, str(user.pk)), robust=True)


@receiver(usage_counted)
def tell_of_quota(user_id: UUID, metric: Metric, period: Period, total: int, **kwargs: Any) -> None:
    """Tell a user whose monthly limit is nearly or wholly used."""
    quotas.tell(user_id=user_id, metric=metric, period=period, total=total)


@receiver(credits_arrived)
def settle_debts_first(wallet_id: int, **kwargs: Any) -> None:
    """Let the credits that came settle what their owner owes, before anything else."""
    wallet = Wallet.objects.filter(pk=wallet_id, owed__gt=0).select_related("owner").first()
    if wallet is not None and wallet.owner is not None:
        debts.settle(user=wallet.owner)


def _ring(user_id: str) -> None:
    from billing.tasks import tell_stripe  # tasks stand above this and import it

    try:
        with valkey.no_long_wait():
            tell_stripe.apply_async((user_id,), retry=False, ignore_result=True)
    except (OperationalError, OSError, redis.RedisError):
        logger.warning("The broker does not answer: Stripe hears of an address when it is next needed")
