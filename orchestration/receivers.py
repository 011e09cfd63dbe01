"""What sessions do when something happens to an account's credits."""

from typing import Any

from django.dispatch import receiver

from credits.signals import credits_arrived
from orchestration.models import Session
from orchestration.runtime.dispatch import ring_for_wallet
from orchestration.workflow.terms import Status


@receiver(credits_arrived)
def wake_waiting_sessions(wallet_id: int, **kwargs: Any) -> None:
    """Ring for the sessions that wait for credits; a lost ring is made up for within seconds."""
    if Session.objects.filter(status=Status.AWAITING_CREDITS, owner__wallet=wallet_id).exists():
        ring_for_wallet(wallet_id)
