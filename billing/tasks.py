"""What billing does by the clock."""

from functools import partial
from uuid import UUID

from celery import shared_task

from accounts.models import User
from billing import errands
from billing.costs import operator_costs
from billing.free_credits import grant_waiting_allowances
from billing.payments import debts, fees
from billing.provisioning import end_lapsed, open_missing_subscriptions
from billing.reconciling import reconcile
from billing.stripe import customers, forgetting
from billing.subscribing import entitling, surplus
from billing.webhooks import events
from config.common.errors import Unavailable
from credits import bandwidth


@shared_task
def keep_plans() -> None:
    """End the plans whose time is over, and give what had to wait. Safe to run twice, and beside itself."""
    entitling.realign()
    end_lapsed()
    open_missing_subscriptions()
    grant_waiting_allowances()


@shared_task(autoretry_for=(Unavailable,), retry_backoff=60, max_retries=6)
def tell_stripe(user_id: str) -> None:
    """Tell Stripe the address that a user has now. Safe to run twice: it is told what differs."""
    errands.do(partial(customers.keep_in_step, User.objects.get(pk=user_id)))


@shared_task(autoretry_for=(Unavailable,), retry_backoff=60, max_retries=6)
def undo_surplus(subscription_id: str) -> None:
    """Cancel a second subscription and give back what was paid for it. Safe to repeat."""
    errands.do(partial(surplus.carry_out, subscription_id))


@shared_task(autoretry_for=(Unavailable,), retry_backoff=60, max_retries=6)
def learn_fee(payment_id: str) -> None:
    """Ask Stripe what it took of a payment. Safe to repeat."""
    errands.do(partial(fees.learn, UUID(payment_id)))


@shared_task
def keep_payments() -> None:
    """Have done what a lost message or a Stripe that was down has left undone. Safe beside itself."""
    errands.catch_up()


@shared_task
def settle_debts() -> None:
    """Take what came back to lots whose money went back, and let new credits settle what is owed."""
    debts.settle_due()


@shared_task
def flush_bandwidth() -> None:
    """Write the bytes that have left to the usage log, with what they cost the operator."""
    costs = operator_costs()
    bandwidth.flush(usd_per_gigabyte=costs.bandwidth_per_gb if costs else None)


@shared_task
def apply_events() -> None:
    """Apply Stripe's events that are due. Safe to run twice, and beside itself."""
    events.apply_due()


@shared_task
def prune_events() -> None:
    """Forget what Stripe told or was asked long ago, and comparisons with it that found nothing."""
    events.prune()
    forgetting.prune()
    reconcile.prune()


@shared_task
def compare_events() -> None:
    """Fetch the events that never arrived. One at a time, however often it is called."""
    reconcile.compare_events()


@shared_task(soft_time_limit=50 * 60, time_limit=55 * 60)  # within the broker's visibility_timeout
def compare_objects() -> None:
    """Compare subscriptions and payments with Stripe's. One at a time, however often it is called."""
    reconcile.compare_objects()
