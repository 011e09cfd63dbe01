"""What billing does by the clock."""

from celery import shared_task

from billing.allowances import grant_waiting_allowances
from billing.costs import operator_costs
from billing.provisioning import end_lapsed, open_missing_subscriptions
from credits import bandwidth


@shared_task
def keep_plans() -> None:
    """End the plans whose time is over, and give what had to wait. Safe to run twice, and beside itself."""
    end_lapsed()
    open_missing_subscriptions()
    grant_waiting_allowances()


@shared_task
def flush_bandwidth() -> None:
    """Write the bytes that have left to the usage log, with what they cost the operator."""
    costs = operator_costs()
    bandwidth.flush(usd_per_gigabyte=costs.bandwidth_per_gb if costs else None)
