"""What sessions do when something happens to an account's credits or plan."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from billing.signals import plan_changed
from config.common import clock
from credits.signals import credits_arrived
from orchestration.models import Session
from orchestration.runtime.dispatch import ring_for_wallet
from orchestration.workflow.endings import Reason
from orchestration.workflow.terms import Status


@receiver(credits_arrived)
def wake_waiting_sessions(wallet_id: int, **kwargs: Any) -> None:
    """Ring for the sessions that wait for credits; a lost ring is made up for within seconds."""
    if Session.objects.filter(status=Status.AWAITING_CREDITS, owner__wallet=wallet_id).exists():
        ring_for_wallet(wallet_id)


@receiver(plan_changed)
def look_again_on_another_plan(user: User, **kwargs: Any) -> None:
    """Let sessions that wait for another month look again: the plan's month may be larger now."""
    waiting = Session.objects.filter(owner=user, status=Status.AWAITING_CREDITS, reason_code=Reason.QUOTA)
    waiting.update(wakes_at=clock.now())
