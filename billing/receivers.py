"""What billing does when something happens to an account, or on the meter."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import account_opened, email_verified
from billing import quotas
from billing.free_credits import grant_first_allowance
from billing.payments import debts
from billing.provisioning import open_free_subscription
from billing.ringing import ring_after_commit
from billing.stripe import customers
from credits.models import Metric, Wallet
from credits.periods import Period
from credits.signals import credits_arrived, usage_counted


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
        ring_after_commit("tell_stripe", str(user.pk))


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
