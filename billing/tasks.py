"""What billing does by the clock."""

from celery import shared_task

from billing.allowances import grant_waiting_allowances
from billing.provisioning import end_lapsed_comps, open_missing_subscriptions


@shared_task
def keep_plans() -> None:
    """End the plans whose time is over, and give what had to wait. Safe to run twice, and beside itself."""
    end_lapsed_comps()
    open_missing_subscriptions()
    grant_waiting_allowances()
