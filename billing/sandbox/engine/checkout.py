"""Completes a checkout session: the subscription or the payment that it was opened for."""

from typing import Any

from billing.sandbox.asked import mapping, metadata, text
from billing.sandbox.cards import attach
from billing.sandbox.engine import collecting, discounts, intents
from billing.sandbox.engine.records import amend
from billing.sandbox.engine.subscriptions import create_subscription
from billing.sandbox.errors import CardError, InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

_SESSION = "checkout.session"


def complete_checkout(
    world: World, session: Object | str, card: str | None = None, *, delayed: str = ""
) -> Object:
    """Do what an open session was opened for, with the payment method `card`; returns the session.

    What was asked for stands in the notes of the session: line_items, discounts, subscription_data,
    payment_intent_data; a payment takes the session's `amount_total`. The card is attached and becomes the
    default of the customer and of the subscription. A decline undoes everything (CardError 402) and the
    session stays open. `delayed` (succeeds or fails) is for a method that takes its time: the session is
    complete and `unpaid`, the clock settles it after three minutes. checkout.session.completed comes last.
    """
    with world.store.change():
        session = world.store.get(_SESSION, session if isinstance(session, str) else session["id"])
        if session["status"] != "open":
            raise InvalidError(f"This checkout session is {session['status']}.")
        asked = world.store.notes(session["id"])
        _take(world, session, card, asked)
        complete = _subscribe if session["mode"] == "subscription" else _pay
        members = complete(world, session, card, asked, delayed)
        session.update(status="complete", url=None, **members)
        world.store.put(session)
        world.emit("checkout.session.completed", session)
        return session


def settle_payment(world: World, intent_id: str, *, at: int | None = None) -> Object:
    """Let a delayed payment end as it was said to, at once or by the clock; returns its intent.

    Its session, if it came from one, emits checkout.session.async_payment_succeeded or …_failed.
    """
    with world.store.change():
        intent = world.store.get("payment_intent", intent_id)
        if intent["status"] != "processing":
            raise InvalidError("This payment is not processing.")
        moment = world.now(intent) if at is None else at
        paid = world.store.find("invoice_payment", payment__payment_intent=intent_id)
        invoice = world.store.get("invoice", paid[0]["invoice"]) if paid else None
        if invoice:
            declined = collecting.collected_later(world, invoice, intent, at=moment)
        else:
            declined = intents.finish(world, intent, at=moment)
        which = {"invoice": invoice["id"]} if invoice else {"payment_intent": intent_id}
        for session in world.store.find(_SESSION, **which):
            _tell(world, session, declined)
        return world.store.get("payment_intent", intent_id)


def _tell(world: World, session: Object, declined: CardError | None) -> None:
    if declined is None:
        session["payment_status"] = "paid"
        world.store.put(session)
    world.emit(f"checkout.session.async_payment_{'failed' if declined else 'succeeded'}", session)


def _take(world: World, session: Object, card: str | None, asked: Object) -> None:
    """Attach the card to the customer for later payments, where the session saves it."""
    saves = session["mode"] == "subscription" or mapping(asked, "payment_intent_data").get(
        "setup_future_usage"
    )
    if card is None or not saves:
        return
    customer = world.store.get("customer", session["customer"])
    attach(world, world.store.get("payment_method", card), customer)
    settings = {**customer["invoice_settings"], "default_payment_method": card}
    amend(world, customer, "customer.updated", invoice_settings=settings)


def _subscribe(
    world: World, session: Object, card: str | None, asked: Object, delayed: str
) -> dict[str, Any]:
    params = {
        **mapping(asked, "subscription_data"),
        "customer": session["customer"],
        "items": asked["line_items"],
        "discounts": asked.get("discounts") or "",
        "payment_behavior": "error_if_incomplete",
    }
    if card:
        params["default_payment_method"] = card
    subscription = create_subscription(
        world, params, attended=True, pay=not delayed, session_id=session["id"]
    )
    invoice = world.store.get("invoice", subscription["latest_invoice"])
    if delayed and card and invoice["amount_due"]:
        collecting.collect_later(world, invoice, card, at=world.now(subscription), outcome=delayed)
        status = "unpaid"
    else:
        status = "paid" if invoice["amount_paid"] else "no_payment_required"
    discount = sum(entry["amount"] for entry in invoice["total_discount_amounts"])
    return {
        "amount_subtotal": invoice["subtotal"],
        "amount_total": invoice["total"],
        "total_details": {**session["total_details"], "amount_discount": discount},
        "invoice": invoice["id"],
        "payment_status": status,
        "subscription": subscription["id"],
    }


def _pay(world: World, session: Object, card: str | None, asked: Object, delayed: str) -> dict[str, Any]:
    at = world.now(session)
    customer = world.store.get("customer", session["customer"])
    for entry in asked.get("discounts") or []:
        coupon, promotion = discounts.resolve(world, entry, at=at, customer=customer)
        discounts.count_redemption(world, coupon, promotion, at=at)
    if not session["amount_total"]:
        return {"payment_status": "no_payment_required"}
    if card is None:
        raise InvalidError("A payment method is missing.", code="parameter_missing", param="payment_method")
    data = mapping(asked, "payment_intent_data")
    intent = intents.new_intent(
        world,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"],
        at=at,
        description=text(data, "description"),
        metadata=metadata(data),
        setup_future_usage=text(data, "setup_future_usage"),
    )
    if delayed:
        intents.start(world, intent, card, at=at, outcome=delayed)
        return {"payment_intent": intent["id"], "payment_status": "unpaid"}
    declined = intents.confirm(world, intent, card, at=at, attended=True)
    if declined:
        raise declined
    return {"payment_intent": intent["id"], "payment_status": "paid"}
