"""The items of a subscription: a price, a quantity, and the period that they are in."""

from billing.sandbox.asked import Params, integer, metadata, required
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World


def recurring_price(
    world: World, price_id: str, *, param: str = "items[0][price]", planned: bool = False
) -> Object:
    """Return a price that can be subscribed to; InvalidError when it is archived or paid once.

    One that was `planned` while it was sold counts, archived or not.
    """
    price = world.store.get("price", price_id, param=param)
    if not price["active"] and not planned:
        message = f"The price specified is inactive. This field only accepts active prices: {price_id}"
        raise InvalidError(message, param=param)
    if price["recurring"] is None:
        message = (
            "The price specified is set to `type=one_time` but this field only accepts `type=recurring`."
        )
        raise InvalidError(message, param=param)
    return price


def new_item(
    world: World,
    subscription_id: str,
    asked: Params,
    *,
    start: int,
    end: int,
    at: int,
    planned: bool = False,
) -> Object:
    """Return an item for `asked` (price, quantity, metadata) in the period from `start` to `end`."""
    price = recurring_price(world, required(asked, "price"), planned=planned)
    return {
        "id": world.store.new_id("si"),
        "object": "subscription_item",
        "billed_until": None,
        "billing_thresholds": None,
        "created": at,
        "current_period_end": end,
        "current_period_start": start,
        "discounts": [],
        "metadata": metadata(asked),
        "plan": plan_of(price),
        "price": price,
        "quantity": quantity_of(asked),
        "subscription": subscription_id,
        "tax_rates": [],
    }


def quantity_of(asked: Params, default: int = 1) -> int:
    """Return the quantity asked for."""
    quantity = integer(asked, "quantity")
    if quantity is not None and quantity < 0:
        raise InvalidError("This value must be greater than or equal to 0.", param="quantity")
    return default if quantity is None else quantity


def interval_of(prices: list[Object]) -> tuple[str, int]:
    """Return the one interval and its count that all the prices share; InvalidError when they differ."""
    intervals = {(price["recurring"]["interval"], price["recurring"]["interval_count"]) for price in prices}
    if len(intervals) != 1:
        raise InvalidError("All items of a subscription must have the same billing interval.", param="items")
    return intervals.pop()


def period_of(subscription: Object) -> tuple[int, int]:
    """Return the current period of a subscription, which its items share."""
    item = subscription["items"]["data"][0]
    return item["current_period_start"], item["current_period_end"]


def full_amount(item: Object) -> int:
    """Return the cents of an item for a whole period, before any discount."""
    return int(item["price"]["unit_amount"]) * int(item["quantity"])


def plan_of(price: Object) -> Object:
    """Return the older shape of a price, which items still carry."""
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "meter": None,
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": recurring["usage_type"],
    }
