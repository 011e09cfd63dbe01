"""Ends subscriptions before their time: cancelled by request, or expired because they were never paid."""

from billing.sandbox.asked import Params, boolean, mapping, only
from billing.sandbox.engine import cycles, ending, invoices, pending
from billing.sandbox.engine.changes import credit_lines
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

EXPIRES_AFTER = 23 * 3600
"""Seconds after which a subscription that was never paid expires."""


def cancel_subscription(world: World, subscription_id: str, params: Params | None = None) -> Object:
    """End a subscription now; `prorate` credits the unused time, `invoice_now` bills what waits, at once.

    One whose first invoice was never paid expires instead, its invoice is void.
    """
    params = params or {}
    only(params, "invoice_now", "prorate", "cancellation_details")
    with world.store.change():
        subscription = world.store.get("subscription", subscription_id)
        if subscription["ended_at"] is not None:
            raise InvalidError(
                f"No such subscription: '{subscription_id}'", code="resource_missing", param="id"
            )
        at = world.now(subscription)
        if subscription["status"] == "incomplete":
            return expire(world, subscription, at=at)
        if boolean(params, "prorate"):
            customer = world.store.get("customer", subscription["customer"])
            for line in credit_lines(world, subscription, subscription["items"]["data"], at=at):
                pending.keep(world, line, customer=customer, at=at)
        if boolean(params, "invoice_now"):
            _bill_waiting(world, subscription, at=at)
            subscription = world.store.get("subscription", subscription_id)
        details = cancellation_details(params, subscription["cancellation_details"])
        details["reason"] = "cancellation_requested"
        subscription.update(
            canceled_at=at, cancel_at=None, cancel_at_period_end=False, cancellation_details=details
        )
        return ending.end(world, subscription, at=at)


def expire(world: World, subscription: Object, *, at: int) -> Object:
    """Let a subscription that was never paid be `incomplete_expired`; its invoice is void."""
    ending.cancel_schedule_of(world, subscription, at=at)
    subscription.update(status="incomplete_expired", ended_at=at, schedule=None)
    world.store.put(subscription)
    invoice = world.store.get("invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        invoices.void(world, invoice, at=at)
    world.emit("customer.subscription.updated", subscription, {"ended_at": None, "status": "incomplete"})
    return subscription


def _bill_waiting(world: World, subscription: Object, *, at: int) -> None:
    """Bill what waits for the next invoice of a subscription at once, if anything does."""
    lines = pending.waiting(world, customer_id=subscription["customer"], subscription_id=subscription["id"])
    if lines:
        draft = cycles.compose_for(world, subscription, lines, reason="subscription_update", at=at)
        subscription["latest_invoice"] = draft["id"]
        world.store.put(subscription)
        cycles.issue(world, subscription, draft, lines, at=at)


def cancellation_details(params: Params, before: Object) -> Object:
    """Return the cancellation details after a request: its comment and feedback."""
    asked = mapping(params, "cancellation_details")
    return {**before, **{name: asked[name] or None for name in ("comment", "feedback") if name in asked}}
