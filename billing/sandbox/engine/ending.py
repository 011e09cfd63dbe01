"""The end of a subscription: nothing of it renews, is tried again, or waits in a schedule after this."""

from billing.sandbox.engine.records import amend
from billing.sandbox.store import Object
from billing.sandbox.world import World


def end(world: World, subscription: Object, *, at: int, reason: str | None = None) -> Object:
    """End a subscription now; emits customer.subscription.deleted. Its open invoices stay open, untried.

    `canceled_at` stays the moment at which its end was decided, if that was earlier.
    """
    cancel_schedule_of(world, subscription, at=at)
    details = subscription["cancellation_details"]
    subscription.update(
        status="canceled",
        canceled_at=subscription["canceled_at"] or at,
        ended_at=at,
        schedule=None,
        cancellation_details={**details, "reason": details["reason"] or reason},
    )
    world.store.put(subscription)
    for invoice in world.store.find(
        "invoice", status="open", parent__subscription_details__subscription=subscription["id"]
    ):
        amend(world, invoice, None, auto_advance=False, next_payment_attempt=None)
    for invoice in world.store.find(
        "invoice", status="draft", parent__subscription_details__subscription=subscription["id"]
    ):
        amend(world, invoice, None, auto_advance=False, automatically_finalizes_at=None)
    world.emit("customer.subscription.deleted", subscription)
    return subscription


def cancel_schedule_of(world: World, subscription: Object, *, at: int) -> None:
    """Cancel the schedule that a subscription follows, if any; emits subscription_schedule.canceled."""
    if subscription["schedule"] is None:
        return
    schedule = world.store.get("subscription_schedule", subscription["schedule"])
    schedule.update(status="canceled", canceled_at=at, current_phase=None)
    world.store.put(schedule)
    world.emit("subscription_schedule.canceled", schedule)
