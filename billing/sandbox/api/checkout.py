"""Checkout sessions: what somebody is about to buy on the hosted page."""

from typing import Any

from billing.sandbox.api import answers, customers
from billing.sandbox.api.quotes import quote
from billing.sandbox.api.resources import held
from billing.sandbox.errors import InvalidError
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World

KIND = "checkout.session"
URL = "/v1/checkout/sessions"
DAY = 24 * 3600
_LEFT_TO_THE_PAGE = (
    "billing_address_collection", "locale", "submit_type", "payment_method_types", "customer_update",
    "saved_payment_method_options", "customer_creation",
)  # fmt: skip
"""Parameters that are accepted and change nothing here: the page has one card form, in English."""


def create(world: World, params: Params) -> Object:
    """Open a session, for a day unless `expires_at` says otherwise; nothing is bought yet."""
    mode = params.choice("mode", ("payment", "subscription"))
    if mode is None:
        raise params.missing("mode")
    customer = _customer(world, params)
    now = world.now(customer)
    asked = _asked(world, params, mode)
    session: Object = {
        **_blank(),
        "id": f"cs_test_{world.store.new_id('a1').replace('_', '')}",
        "mode": mode,
        "allow_promotion_codes": params.boolean("allow_promotion_codes") or None,
        "cancel_url": params.text("cancel_url"),
        "client_reference_id": params.text("client_reference_id"),
        "created": now,
        "currency": None,
        "customer": customer["id"],
        "customer_details": _details(customer),
        "customer_email": params.text("customer_email"),
        "discounts": [_shown(entry) for entry in asked["discounts"]],
        "expires_at": params.integer("expires_at", now + DAY, least=now + 1800, most=now + DAY),
        "invoice_creation": _invoice_creation(mode),
        "metadata": params.metadata(),
        "payment_method_collection": params.choice(
            "payment_method_collection",
            ("always", "if_required"),
            "always" if mode == "subscription" else "if_required",
        ),
        "success_url": params.required("success_url"),
    }
    params.choice("ui_mode", ("hosted_page",))
    if session["allow_promotion_codes"] and asked["discounts"]:
        message = "You may only specify one of these parameters: allow_promotion_codes, discounts."
        raise InvalidError(message, param="discounts")
    for name in _LEFT_TO_THE_PAGE:
        params.raw(name)
    session["url"] = world.url(f"/checkout/{session['id']}")
    world.store.note(session["id"], **asked)
    return world.store.put(priced(world, session))


def priced(world: World, session: Object) -> Object:
    """Return `session` with the amounts and line items of what its notes ask for."""
    asked = world.store.notes(session["id"])
    told = quote(
        world,
        asked["line_items"],
        asked["discounts"],
        session=session,
        trial=bool(
            asked["subscription_data"].get("trial_period_days") or asked["subscription_data"].get("trial_end")
        ),
    )
    return {
        **session,
        "amount_subtotal": told.subtotal,
        "amount_total": told.total,
        "currency": told.currency,
        "discounts": [_shown(entry) for entry in asked["discounts"]],
        "line_items": answers.envelope(told.lines, f"{URL}/{session['id']}/line_items"),
        "total_details": {"amount_discount": told.discount, "amount_shipping": 0, "amount_tax": 0},
    }


def change(world: World, params: Params, id: str) -> Object:
    """Change a session's metadata."""
    session = world.store.get(KIND, id)
    session["metadata"] = params.metadata(session["metadata"])
    return world.store.put(session)


def listed(world: World, params: Params) -> Object:
    """List sessions."""
    equal = held(params, "customer", "payment_intent", "subscription", "status")
    details = params.child("customer_details")
    equal.update({f"customer_details__{name}": text for name, text in held(details, "email").items()})
    return answers.page(world, params, KIND, URL, **equal)


def line_items(world: World, params: Params, id: str) -> Object:
    """List what a session is about."""
    for name in ("limit", "starting_after", "ending_before"):
        params.raw(name)
    return world.store.get(KIND, id)["line_items"]


def expire(world: World, params: Params, id: str) -> Object:
    """End an open session: its page buys nothing any more."""
    session = world.store.get(KIND, id)
    if session["status"] != "open":
        raise InvalidError(
            f"Only open Checkout Sessions can be expired; this Session has a status of {session['status']}."
        )
    return ended(world, session)


def ended(world: World, session: Object) -> Object:
    """Mark an open session as expired; emits checkout.session.expired."""
    session = {**session, "status": "expired", "url": None}
    world.store.put(session)
    world.emit("checkout.session.expired", session)
    return session


def expire_due(world: World) -> None:
    """End the sessions whose time has come."""
    for session in world.store.find(KIND, status="open"):
        if session["expires_at"] <= world.now(session):
            with world.store.change():
                ended(world, session)


def _customer(world: World, params: Params) -> Object:
    """Return whom the session is for: without `customer` somebody new, with the address they gave."""
    customer_id = params.text("customer")
    if customer_id:
        return world.store.get("customer", customer_id, param="customer")
    email = params.text("customer_email")
    return customers.create(world, Params({"email": email} if email else {}))


def _asked(world: World, params: Params, mode: str) -> dict[str, Any]:
    """Return what completing the session will need, checked."""
    entries = [
        {"price": entry.required("price"), "quantity": entry.integer("quantity", 1, least=1)}
        for entry in params.children("line_items")
    ]
    if not entries:
        raise params.missing("line_items")
    for index, entry in enumerate(entries):
        path = f"line_items[{index}][price]"
        price = world.store.get("price", str(entry["price"]), param=path)
        if not price["active"]:
            raise InvalidError(
                "The price specified is inactive. This field only accepts active prices.", param=path
            )
        if mode == "payment" and price["recurring"]:
            message = "In `payment` mode only one-time prices are sold: this price is recurring."
            raise InvalidError(message, param=path)
    if mode == "subscription" and not any(
        world.store.get("price", str(e["price"]))["recurring"] for e in entries
    ):
        raise InvalidError(
            "You must provide at least one recurring price in `subscription` mode.", param="line_items"
        )
    other = "payment_intent_data" if mode == "subscription" else "subscription_data"
    if params.raw(other):
        raise InvalidError(f"You can not pass `{other}` in `{mode}` mode.", param=other)
    discounts = [
        {name: entry.text(name) for name in ("coupon", "promotion_code") if entry.given(name)}
        for entry in params.children("discounts")
    ]
    return {
        "line_items": entries,
        "discounts": discounts,
        "subscription_data": params.raw("subscription_data") or {},
        "payment_intent_data": params.raw("payment_intent_data") or {},
    }


def _shown(entry: dict[str, str]) -> Object:
    return {"coupon": entry.get("coupon"), "promotion_code": entry.get("promotion_code")}


def _details(customer: Object) -> Object:
    return {
        "address": customer["address"],
        "business_name": None,
        "email": customer["email"],
        "individual_name": None,
        "name": customer["name"],
        "phone": customer["phone"],
        "tax_exempt": "none",
        "tax_ids": [],
    }


def _invoice_creation(mode: str) -> Object | None:
    if mode == "subscription":
        return None
    data = dict.fromkeys(
        ("account_tax_ids", "custom_fields", "description", "footer", "issuer", "rendering_options")
    )
    return {"enabled": False, "invoice_data": {**data, "metadata": {}}}


def _blank() -> Object:
    """Return a session of which nothing is known yet."""
    texts = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    return {
        "id": "",
        "object": KIND,
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(texts),
        "customer_account": None,
        "customer_creation": None,
        "invoice": None,
        "livemode": False,
        "locale": None,
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "ui_mode": "hosted_page",
        "wallet_options": None,
    }
