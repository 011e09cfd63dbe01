"""Coupons, and the promotion codes under which customers get them."""

import secrets

from billing.sandbox.api import answers
from billing.sandbox.api.resources import held
from billing.sandbox.errors import InvalidError
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World


def create_coupon(world: World, params: Params) -> Object:
    """Create a coupon: a share or an amount off, once, for some months, or for ever."""
    coupon_id = params.text("id") or secrets.token_urlsafe(6)
    if world.store.look("coupon", coupon_id):
        raise InvalidError("Coupon already exists.", code="resource_already_exists", param="id")
    percent, amount = params.number("percent_off"), params.integer("amount_off", least=1)
    if (percent is None) == (amount is None):
        raise InvalidError("Pass either `percent_off` or `amount_off`.", param="percent_off")
    if percent is not None and not 0 < percent <= 100:
        raise InvalidError("Invalid percent_off: must be above 0 and at most 100.", param="percent_off")
    duration = params.choice("duration", ("once", "repeating", "forever"), "once")
    months = params.integer("duration_in_months", least=1)
    if (duration == "repeating") != (months is not None):
        raise InvalidError(
            "`duration_in_months` goes with the duration `repeating`.", param="duration_in_months"
        )
    coupon: Object = {
        "id": coupon_id,
        "object": "coupon",
        "amount_off": amount,
        "created": world.now(),
        "currency": params.required("currency").lower() if amount is not None else None,
        "duration": duration,
        "duration_in_months": months,
        "livemode": False,
        "max_redemptions": params.integer("max_redemptions", least=1),
        "metadata": params.metadata(),
        "name": params.text("name"),
        "percent_off": percent,
        "redeem_by": params.integer("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    products = params.child("applies_to").texts("products")
    if products:
        coupon["applies_to"] = {"products": products}
    world.emit("coupon.created", coupon)
    return world.store.put(coupon)


def change_coupon(world: World, params: Params, id: str) -> Object:
    """Change a coupon's name or metadata."""
    coupon = world.store.get("coupon", id)
    if params.given("name"):
        coupon["name"] = params.text("name")
    coupon["metadata"] = params.metadata(coupon["metadata"])
    return world.update(coupon, "coupon.updated")


def delete_coupon(world: World, params: Params, id: str) -> Object:
    """Delete a coupon; who has its discount keeps it."""
    coupon = world.store.get("coupon", id)
    world.emit("coupon.deleted", coupon)
    return world.store.delete(coupon)


def create_code(world: World, params: Params) -> Object:
    """Create a promotion code for a coupon."""
    promotion = params.child("promotion")
    if promotion.choice("type", ("coupon",)) is None:
        raise promotion.missing("type")
    coupon = world.store.get("coupon", promotion.required("coupon"), param="promotion[coupon]")
    code = (params.text("code") or secrets.token_hex(4)).upper()
    if any(other["active"] and other["code"].upper() == code for other in world.store.find("promotion_code")):
        raise InvalidError(
            f"An active promotion code with `code: {code}` already exists.",
            code="resource_already_exists",
            param="code",
        )
    restrictions = params.child("restrictions")
    promotion_code: Object = {
        "id": world.store.new_id("promo"),
        "object": "promotion_code",
        "active": params.boolean("active", True),
        "code": code,
        "created": world.now(),
        "customer": params.text("customer"),
        "customer_account": None,
        "expires_at": params.integer("expires_at"),
        "livemode": False,
        "max_redemptions": params.integer("max_redemptions", least=1),
        "metadata": params.metadata(),
        "promotion": {"type": "coupon", "coupon": coupon["id"]},
        "restrictions": {
            "first_time_transaction": restrictions.boolean("first_time_transaction"),
            "minimum_amount": None,
            "minimum_amount_currency": None,
        },
        "times_redeemed": 0,
    }
    world.emit("promotion_code.created", promotion_code)
    return world.store.put(promotion_code)


def change_code(world: World, params: Params, id: str) -> Object:
    """Switch a promotion code on or off, or change its metadata."""
    code = world.store.get("promotion_code", id)
    code["active"] = params.boolean("active", code["active"])
    code["metadata"] = params.metadata(code["metadata"])
    return world.update(code, "promotion_code.updated")


def list_codes(world: World, params: Params) -> Object:
    """List promotion codes."""
    equal = held(params, "active", "code", "customer", coupon="promotion__coupon")
    return answers.page(world, params, "promotion_code", "/v1/promotion_codes", **equal)


def redeemable(world: World, text: str, customer: Object) -> Object:
    """Return the promotion code that a customer typed; InvalidError says why it is not for them."""
    wanted = text.strip().upper()
    for code in world.store.find("promotion_code", active=True):
        if code["code"].upper() == wanted and code["customer"] in (None, customer["id"]):
            break
    else:
        raise InvalidError("This code is invalid.", code="resource_missing", param="promotion_code")
    now, coupon = world.now(customer), world.store.look("coupon", code["promotion"]["coupon"])
    spent = code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]
    if coupon is None or not coupon["valid"] or spent or (code["expires_at"] or now + 1) <= now:
        raise InvalidError("This code has expired.", code="promotion_code_expired", param="promotion_code")
    first = code["restrictions"]["first_time_transaction"]
    if first and world.store.find("invoice", customer=customer["id"], status="paid"):
        raise InvalidError("This code is for a first purchase.", param="promotion_code")
    return code
