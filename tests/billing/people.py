"""Users on plans."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from billing.models import Plan, Subscription
from billing.provisioning import comp_plan


def comp(user: User, plan: str, *, actor: User, days: int = 90, reason: str = "a gift") -> Subscription:
    """Give `user` a plan for `days`, as an operator would."""
    return comp_plan(
        user=user,
        plan=Plan.objects.get(code=plan),
        until=timezone.now() + timedelta(days=days),
        actor=actor,
        reason=reason,
    )
