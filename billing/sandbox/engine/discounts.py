"""Coupons and promotion codes: who may use one, what it takes off, and how long it lasts."""

from billing.sandbox.asked import Params, text
from billing.sandbox.engine.periods import boundary
from billing.sandbox.engine.proration import rounded
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World


def resolve(
    world: World, entry: Params, *, at: int, customer: Object | None = None, amount: int | None = None
) -> tuple[Object, Object | None]:
    """Return the coupon that an entry of `discounts` names, and the promotion code if it came by one.

    InvalidError when it cannot be redeemed (any more) by this customer for this amount in cents.
    """
    promotion = None
    coupon_id = text(entry, "coupon")
    if code_id := text(entry, "promotion_code"):
        promotion = world.store.get("promotion_code", code_id, param="discounts[0][promotion_code]")
        _check_promotion(world, promotion, at=at, customer=customer, amount=amount)
        coupon_id = promotion["promotion"]["coupon"]
    if coupon_id is None:
        raise InvalidError("A discount names a coupon or a promotion code", param="discounts")
    coupon = world.store.get("coupon", coupon_id, param="discounts[0][coupon]")
    if not _valid(coupon, at):
        raise InvalidError(f"Coupon {coupon_id} is used up.", code="coupon_expired", param="discounts")
    return coupon, promotion


def redeem(
    world: World, *, subscription: Object, asked: list[Object], at: int, session_id: str | None = None
) -> list[Object]:
    """Make the discounts of a subscription out of coupons and codes, and count each redemption."""
    customer = world.store.get("customer", subscription["customer"])
    amount = sum(item["price"]["unit_amount"] * item["quantity"] for item in subscription["items"]["data"])
    found = []
    for entry in asked:
        if entry.get("discount"):
            found.append(world.store.get("discount", entry["discount"], param="discounts[0][discount]"))
            continue
        coupon, promotion = resolve(world, entry, at=at, customer=customer, amount=amount)
        found.append(_discount(world, subscription, coupon, promotion, at, session_id))
    return found


def count_redemption(world: World, coupon: Object, promotion: Object | None, *, at: int) -> None:
    """Count one more use of a coupon and of the code that it came by; the last one makes it invalid."""
    coupon["times_redeemed"] += 1
    coupon["valid"] = _valid(coupon, at)
    world.store.put(coupon)
    if promotion:
        promotion["times_redeemed"] += 1
        world.store.put(promotion)


def lasting(world: World, subscription: Object, at: int) -> list[Object]:
    """Return the discounts of a subscription that still count at `at`."""
    found = [world.store.get("discount", discount_id) for discount_id in subscription["discounts"]]
    return [discount for discount in found if discount["end"] is None or discount["end"] > at]


def replace(world: World, *, subscription: Object, asked: list[Object], at: int) -> list[str]:
    """Give a subscription the discounts that are asked for and take all others away; return their ids."""
    kept = {entry["discount"] for entry in asked if entry.get("discount")}
    for discount_id in subscription["discounts"]:
        if discount_id not in kept:
            remove(world, world.store.get("discount", discount_id))
    return [found["id"] for found in redeem(world, subscription=subscription, asked=asked, at=at)]


def remove(world: World, discount: Object) -> None:
    """Take a discount away; emits customer.discount.deleted. It stays on record for its invoices."""
    world.emit("customer.discount.deleted", discount)


def coupon_of(world: World, discount: Object) -> Object:
    """Return the coupon behind a discount, as it was when it was redeemed: it may have been deleted since."""
    kept: Object | None = world.store.notes(discount["id"]).get("coupon")
    return kept or world.store.get("coupon", discount["source"]["coupon"])


def cuts(amounts: list[tuple[int, str]], coupons: list[Object]) -> list[list[int]]:
    """Return, for each coupon in turn, the cents that it takes off each (amount, product).

    Each coupon works on what those before it left; never below zero. An amount off is shared out in
    proportion, the odd cents to the first lines.
    """
    left = [max(amount, 0) for amount, _ in amounts]
    taken = []
    for coupon in coupons:
        products = (coupon.get("applies_to") or {}).get("products")
        base = [
            cents if not products or product in products else 0
            for cents, (_, product) in zip(left, amounts, strict=True)
        ]
        off = (
            _percent(base, coupon["percent_off"])
            if coupon["percent_off"]
            else _spread(base, coupon["amount_off"])
        )
        taken.append(off)
        left = [cents - less for cents, less in zip(left, off, strict=True)]
    return taken


def _percent(base: list[int], percent: float) -> list[int]:
    hundredths = round(percent * 100)
    return [rounded(cents * hundredths, 10_000) for cents in base]


def _spread(base: list[int], amount: int) -> list[int]:
    total = sum(base)
    amount = min(amount, total)
    off = [cents * amount // total if total else 0 for cents in base]
    for index, cents in enumerate(base):
        if sum(off) < amount and off[index] < cents:
            off[index] += 1
    return off


def _valid(coupon: Object, at: int) -> bool:
    used_up = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    over = coupon["redeem_by"] is not None and coupon["redeem_by"] <= at
    return bool(coupon["valid"]) and not used_up and not over


def _check_promotion(
    world: World, code: Object, *, at: int, customer: Object | None, amount: int | None
) -> None:
    rules = code["restrictions"]
    used_up = code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]
    over = code["expires_at"] is not None and code["expires_at"] <= at
    param = "discounts[0][promotion_code]"
    if not code["active"] or used_up or over:
        raise InvalidError("This promotion code is expired or not active.", param=param)
    if code["customer"] and code["customer"] != (customer or {}).get("id"):
        raise InvalidError("This promotion code cannot be redeemed by this customer.", param=param)
    if rules["minimum_amount"] and amount is not None and amount < rules["minimum_amount"]:
        raise InvalidError("This promotion code needs a larger order.", param=param)
    if (
        rules["first_time_transaction"]
        and customer
        and world.store.find("charge", customer=customer["id"], paid=True)
    ):
        message = (
            "This promotion code cannot be redeemed because the associated customer has prior transactions."
        )
        raise InvalidError(message, param=param)


def _discount(
    world: World,
    subscription: Object,
    coupon: Object,
    promotion: Object | None,
    at: int,
    session_id: str | None,
) -> Object:
    months = coupon["duration_in_months"] if coupon["duration"] == "repeating" else None
    discount: Object = {
        "id": world.store.new_id("di"),
        "object": "discount",
        "checkout_session": session_id,
        "customer": subscription["customer"],
        "customer_account": None,
        "end": boundary(at, "month", 1, months) if months else None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": promotion["id"] if promotion else None,
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": at,
        "subscription": subscription["id"],
        "subscription_item": None,
    }
    count_redemption(world, coupon, promotion, at=at)
    world.store.put(discount)
    world.store.note(discount["id"], coupon=coupon)
    world.emit("customer.discount.created", discount)
    return discount
