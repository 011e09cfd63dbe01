"""Payment intents: one for what is to be paid, however many attempts it takes."""

from typing import Any

from billing.sandbox.cards import CARDS, decline_of
from billing.sandbox.engine import charges
from billing.sandbox.engine.disputes import open_dispute
from billing.sandbox.engine.later import settle_later, settled_now
from billing.sandbox.errors import CardError
from billing.sandbox.store import Object
from billing.sandbox.world import World


def new_intent(
    world: World,
    *,
    amount: int,
    currency: str,
    customer: str | None,
    at: int,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
    setup_future_usage: str | None = None,
) -> Object:
    """Keep and return an intent to be paid `amount` cents; emits payment_intent.created."""
    intent_id = world.store.new_id("pi")
    intent: dict[str, Any] = {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{intent_id}_secret_{world.store.new_id('s')[2:]}",
        "confirmation_method": "automatic",
        "created": at,
        "currency": currency,
        "customer": customer,
        "customer_account": None,
        "description": description,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": metadata or {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": setup_future_usage,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    world.store.put(intent)
    world.emit("payment_intent.created", intent)
    return intent


def confirm(world: World, intent: Object, method_id: str, *, at: int, attended: bool) -> CardError | None:
    """Charge a card for an intent; return why it was declined, or None when the money came.

    `attended`: the card's owner is there. A card that wants its owner then leaves the intent with
    `requires_action`. Emits payment_intent.succeeded and charge.succeeded, or charge.failed and
    payment_intent.payment_failed (payment_intent.requires_action).
    """
    declined = decline_of(world, method_id, attended=attended)
    intent["payment_method"] = method_id
    if declined is None:
        charge = charges.succeeded(world, intent, at=at)
        _succeed(world, intent, charge)
        world.emit("charge.succeeded", charge)
        if CARDS[world.store.notes(method_id)["number"]].disputed:
            open_dispute(world, charge["id"])
        return None
    charge = charges.failed(world, intent, declined, at=at)
    world.emit("charge.failed", charge)
    _fail(world, intent, declined, charge)
    return declined


def start(world: World, intent: Object, method_id: str, *, at: int, outcome: str) -> Object:
    """Begin a delayed payment, which the clock settles later; `outcome`: succeeds or fails."""
    charge = charges.pending(world, {**intent, "payment_method": method_id}, at=at)
    intent.update(payment_method=method_id, latest_charge=charge["id"], status="processing")
    world.store.put(intent)
    settle_later(world, intent, at=at, outcome=outcome)
    world.emit("payment_intent.processing", intent)
    world.emit("charge.pending", charge)
    return intent


def finish(world: World, intent: Object, *, at: int) -> CardError | None:
    """Settle a delayed payment as it was said to end; return why it failed, or None."""
    outcome = settled_now(world, intent["id"])
    charge = world.store.get("charge", intent["latest_charge"])
    if outcome == "succeeds":
        charges.settle(world, charge, at=at)
        _succeed(world, intent, charge)
        world.emit("charge.succeeded", charge)
        return None
    declined = CardError("The payment could not be collected.", code="payment_intent_payment_attempt_failed")
    charges.reject(world, charge, declined)
    world.emit("charge.failed", charge)
    _fail(world, intent, declined, charge)
    return declined


def cancel(world: World, intent: Object, *, at: int, reason: str) -> None:
    """Give an unpaid intent up; emits payment_intent.canceled."""
    if intent["status"] in ("succeeded", "canceled"):
        return
    intent.update(status="canceled", canceled_at=at, cancellation_reason=reason, next_action=None)
    world.store.put(intent)
    world.emit("payment_intent.canceled", intent)


def _succeed(world: World, intent: Object, charge: Object) -> None:
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        last_payment_error=None,
        next_action=None,
    )
    world.store.put(intent)
    world.emit("payment_intent.succeeded", intent)


def _fail(world: World, intent: Object, declined: CardError, charge: Object) -> None:
    waits = declined.decline_code == "authentication_required"
    method = world.store.get("payment_method", intent["payment_method"])
    error = {**declined.body()["error"], "charge": charge["id"], "payment_method": method}
    intent.update(
        status="requires_action" if waits else "requires_payment_method",
        latest_charge=charge["id"],
        last_payment_error=error,
        next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {}} if waits else None,
        payment_method=method["id"] if waits else None,
    )
    world.store.put(intent)
    world.emit("payment_intent.requires_action" if waits else "payment_intent.payment_failed", intent)
