"""Deletes a customer: its subscriptions end at once, its cards go, what it paid stays on record."""

from billing.sandbox.engine.cancelling import expire
from billing.sandbox.engine.ending import end
from billing.sandbox.store import Object
from billing.sandbox.world import World


def delete_customer(world: World, customer_id: str) -> Object:
    """Delete a customer for good.

    Emits customer.subscription.deleted for each living subscription, then customer.deleted. What is left is
    what Stripe answers from then on: the id, and `deleted`.
    """
    with world.store.change():
        customer = world.store.get("customer", customer_id)
        at = world.now(customer)
        for subscription in world.store.find("subscription", customer=customer_id, ended_at=None):
            if subscription["status"] == "incomplete":
                expire(world, subscription, at=at)
            else:
                end(world, subscription, at=at, reason="cancellation_requested")
        for method in world.store.find("payment_method", customer=customer_id):
            world.store.put({**method, "customer": None})
            world.emit("payment_method.detached", {**method, "customer": None}, {"customer": customer_id})
        world.emit("customer.deleted", customer)
        return world.store.delete(customer)
