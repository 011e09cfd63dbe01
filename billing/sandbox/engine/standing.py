"""The status of a subscription as the outcome of its invoices makes it."""

from billing.sandbox.engine.ending import end
from billing.sandbox.engine.records import amend
from billing.sandbox.engine.rules import rules
from billing.sandbox.store import Object
from billing.sandbox.world import World

UPDATED = "customer.subscription.updated"
ENDED = ("canceled", "incomplete_expired")


def subscription_of(world: World, invoice: Object) -> Object | None:
    """Return the subscription that an invoice bills, or None for one by hand."""
    details = (invoice["parent"] or {}).get("subscription_details")
    return world.store.get("subscription", details["subscription"]) if details else None


def after_payment(world: World, invoice: Object) -> None:
    """An invoice was paid: a subscription that waited for it is active, once its newest one is paid."""
    subscription = subscription_of(world, invoice)
    if subscription is None or subscription["latest_invoice"] != invoice["id"]:
        return
    if subscription["status"] in ("incomplete", "past_due", "unpaid"):
        amend(world, subscription, UPDATED, status="active")


def after_failure(world: World, invoice: Object, *, at: int) -> None:
    """An attempt failed: the subscription is past due, and ends by the rules when no attempt is left.

    A first invoice leaves its subscription `incomplete`: nothing is tried again, it expires by itself.
    """
    subscription = subscription_of(world, invoice)
    if subscription is None or subscription["status"] in ("incomplete", *ENDED):
        return
    if invoice["next_payment_attempt"] is not None:
        amend(world, subscription, UPDATED, status="past_due")
        return
    match rules(world).afterwards:
        case "cancel":
            end(world, subscription, at=at, reason="payment_failed")
        case afterwards:
            amend(world, subscription, UPDATED, status=afterwards)
