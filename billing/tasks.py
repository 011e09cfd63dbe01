"""What billing does by the clock."""

from celery import shared_task

from billing import events
from billing.allowances import grant_waiting_allowances
from billing.costs import operator_costs
from billing.provisioning import end_lapsed_comps, open_missing_subscriptions
from credits import bandwidth


@shared_task
def keep_plans() -> None:
    """End the plans whose time is over, and give what had to wait. Safe to run twice, and beside itself."""
    end_lapsed_comps()
    open_missing_subscriptions()
    grant_waiting_allowances()


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
    """Forget what Stripe told long ago."""
    events.prune()
