"""What sessions and orders do when something happens to an account's credits, plan and payments."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from billing.models import Payment
from billing.signals import payment_reversed, plan_changed, product_bought
from config.common import clock
from credits.signals import credits_arrived
from orchestration.models import Session
from orchestration.runtime.dispatch import ring_for_wallet
from orchestration.services.ordering import follow_payment, open_order
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


@receiver(product_bought)
def open_bought_service(payment: Payment, **kwargs: Any) -> None:
    """Open the order of a service that was paid for."""
    open_order(payment=payment)


@receiver(payment_reversed)
def follow_reversed_payment(payment: Payment, **kwargs: Any) -> None:
    """Cancel the order whose money went back before it was started."""
    follow_payment(payment=payment)
