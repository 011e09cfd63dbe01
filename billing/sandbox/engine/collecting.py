"""Collects an open invoice: an attempt with a card, what follows a failure, and the next attempt."""

from billing.sandbox.asked import Params, boolean, only, text
from billing.sandbox.engine import intents, invoices
from billing.sandbox.engine.records import amend
from billing.sandbox.engine.rules import rules
from billing.sandbox.engine.standing import after_failure, after_payment, subscription_of
from billing.sandbox.errors import CardError, InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

NO_CARD = "This customer has no attached payment source or default payment method."


def pay_invoice(world: World, invoice_id: str, params: Params) -> Object:
    """Pay an open invoice now, with another `payment_method` if asked; `paid_out_of_band`: without Stripe.

    The card's owner is taken to be away unless `off_session` is false. CardError 402 when declined: the
    attempt is remembered and counts.
    """
    only(params, "payment_method", "off_session", "paid_out_of_band")
    with world.store.change():
        invoice = world.store.get("invoice", invoice_id)
        at = world.now(invoice)
        if invoice["status"] == "paid":
            raise InvalidError("Invoice is already paid", code="invoice_already_paid")
        if invoice["status"] not in ("open", "uncollectible"):
            raise InvalidError("This invoice can no longer be paid")
        if boolean(params, "paid_out_of_band"):
            return invoices.settled(world, invoice, at=at, out_of_band=True)
        method = own_method(world, params, "payment_method", invoice["customer"]) or method_of(world, invoice)
        if method is None:
            raise InvalidError(NO_CARD, code="resource_missing")
        declined = collect(
            world, invoice, at=at, method=method, attended=boolean(params, "off_session") is False
        )
        if declined:
            declined.keeps_changes = True
            raise declined
        return world.store.get("invoice", invoice_id)


def collect(
    world: World, invoice: Object, *, at: int, method: str | None = None, attended: bool = False
) -> CardError | None:
    """Try to take what an open invoice asks for; return why it failed, or None when it is paid.

    A failure counts as an attempt, sets the next one by the rules, and emits invoice.payment_failed (before
    it invoice.payment_action_required where the card wants its owner).
    """
    method = method or method_of(world, invoice)
    intent = invoices.intent_of(world, invoice)
    if intent["status"] == "processing":
        raise InvalidError("A payment of this invoice is still processing")
    declined = CardError(NO_CARD, code="missing")
    if method is not None:
        declined_or_none = intents.confirm(world, intent, method, at=at, attended=attended)
        if declined_or_none is None:
            _count(invoice)
            invoices.settled(world, invoice, at=at)
            return None
        declined = declined_or_none
    fail(world, invoice, declined, at=at)
    return declined


def collect_later(world: World, invoice: Object, method: str, *, at: int, outcome: str) -> None:
    """Begin a delayed payment of an open invoice. Its subscription is active while the bank works."""
    intents.start(world, invoices.intent_of(world, invoice), method, at=at, outcome=outcome)
    after_payment(world, invoice)


def collected_later(world: World, invoice: Object, intent: Object, *, at: int) -> CardError | None:
    """Let a delayed payment of an invoice end as it was said to; return why it failed, or None."""
    declined = intents.finish(world, intent, at=at)
    if declined:
        fail(world, invoice, declined, at=at)
        return declined
    _count(invoice)
    invoices.settled(world, invoice, at=at)
    return None


def fail(world: World, invoice: Object, declined: CardError, *, at: int) -> None:
    """Count a failed attempt, plan the next, and let the subscription follow."""
    _count(invoice)
    first = world.store.notes(invoice["id"]).get("first_failed_at", at)
    world.store.note(invoice["id"], first_failed_at=first)
    following = rules(world).next_attempt(first_failed_at=first, at=at)
    subscription = subscription_of(world, invoice)
    tried_again = subscription is not None and subscription["status"] not in ("incomplete", "canceled")
    invoice["next_payment_attempt"] = following if tried_again and invoice["status"] == "open" else None
    invoices.show_payments(world, invoice)
    if declined.decline_code == "authentication_required":
        world.emit("invoice.payment_action_required", invoice)
    world.emit("invoice.payment_failed", invoice)
    after_failure(world, invoice, at=at)


def method_of(world: World, invoice: Object) -> str | None:
    """Return the payment method that pays an invoice: the subscription's, else the customer's default."""
    subscription = subscription_of(world, invoice)
    chosen = invoice["default_payment_method"] or (subscription or {}).get("default_payment_method")
    return chosen or default_of(world, invoice["customer"])


def own_method(world: World, params: Params, name: str, customer_id: str) -> str | None:
    """Return the payment method that a parameter names, or None; InvalidError unless it is the customer's."""
    method_id = text(params, name)
    if method_id is None:
        return None
    method = world.store.get("payment_method", method_id, param=name)
    if method["customer"] != customer_id:
        message = f"The customer does not have a payment method with the ID {method_id}."
        raise InvalidError(message, code="resource_missing", param=name)
    return method_id


def default_of(world: World, customer_id: str) -> str | None:
    """Return the customer's default payment method."""
    customer = world.store.get("customer", customer_id)
    method: str | None = customer["invoice_settings"]["default_payment_method"]
    return method


def refusal(declined: CardError) -> CardError:
    """Return what the API answers where a declined payment undoes the request (`error_if_incomplete`)."""
    if declined.decline_code != "authentication_required":
        return declined
    message = "Payment for this subscription requires additional user action before it can be completed."
    return CardError(message, code="subscription_payment_intent_requires_action")


def set_default_payment_method(world: World, *, customer_id: str, method_id: str) -> Object:
    """Let a method pay whatever the customer owes from now on, as the portal does.

    It becomes the customer's default and that of each living subscription; emits the updates.
    """
    with world.store.change():
        customer = world.store.get("customer", customer_id)
        settings = {**customer["invoice_settings"], "default_payment_method": method_id}
        amend(world, customer, "customer.updated", invoice_settings=settings)
        for subscription in world.store.find("subscription", customer=customer_id):
            if subscription["ended_at"] is None:
                amend(world, subscription, "customer.subscription.updated", default_payment_method=method_id)
        return customer


def _count(invoice: Object) -> None:
    invoice["attempt_count"] += 1
    invoice["attempted"] = True
