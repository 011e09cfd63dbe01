"""Subscriptions, their items and their schedules."""

from billing.sandbox import engine
from billing.sandbox.api import answers
from billing.sandbox.api.resources import held
from billing.sandbox.errors import NoSuchError
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World

URL = "/v1/subscriptions"
_OVER = ("canceled", "incomplete_expired")


def create(world: World, params: Params) -> Object:
    """Create a subscription."""
    return engine.create_subscription(world, params.everything())


def change(world: World, params: Params, id: str) -> Object:
    """Change a subscription."""
    return engine.update_subscription(world, id, params.everything())


def cancel(world: World, params: Params, id: str) -> Object:
    """End a subscription now."""
    return engine.cancel_subscription(world, id, params.everything())


def listed(world: World, params: Params) -> Object:
    """List subscriptions: those that are not over, those of one status, or `all`."""
    status, price = params.text("status"), params.text("price")
    where, values = "", []
    if status is None:
        where = f" AND json_extract(body, '$.status') NOT IN {_OVER}"
    elif status == "ended":
        where = f" AND json_extract(body, '$.status') IN {_OVER}"
    elif status != "all":
        where, values = " AND json_extract(body, '$.status') = ?", [status]
    if price is not None:
        where += (
            " AND EXISTS (SELECT 1 FROM json_each(body, '$.items.data')"
            " WHERE json_extract(value, '$.price.id') = ?)"
        )
        values.append(price)
    equal = held(params, "customer", "test_clock", "collection_method")
    return answers.page(world, params, "subscription", URL, where=where, values=values, **equal)


def list_items(world: World, params: Params) -> Object:
    """List the items of a subscription."""
    for name in ("limit", "starting_after", "ending_before"):
        params.raw(name)
    subscription_id = params.required("subscription")
    subscription = world.store.get("subscription", subscription_id, param="subscription")
    return {**subscription["items"], "url": f"/v1/subscription_items?subscription={subscription_id}"}


def retrieve_item(world: World, params: Params, id: str) -> Object:
    """Answer an item of a subscription."""
    _, item = _item(world, id)
    return item


def change_item(world: World, params: Params, id: str) -> Object:
    """Change an item: its price or quantity, as a change of its subscription would."""
    subscription, _ = _item(world, id)
    asked = params.everything()
    about_item = {name: asked[name] for name in ("price", "quantity", "metadata") if name in asked}
    rest = {name: value for name, value in asked.items() if name not in about_item}
    engine.update_subscription(world, subscription["id"], {**rest, "items": [{"id": id, **about_item}]})
    return _item(world, id)[1]


def _item(world: World, item_id: str) -> tuple[Object, Object]:
    for subscription in world.store.find("subscription"):
        for item in subscription["items"]["data"]:
            if item["id"] == item_id:
                return subscription, item
    raise NoSuchError("subscription_item", item_id, param="item")


def create_schedule(world: World, params: Params) -> Object:
    """Put a subscription under a schedule."""
    return engine.create_schedule(world, params.everything())


def change_schedule(world: World, params: Params, id: str) -> Object:
    """Change the phases of a schedule."""
    return engine.update_schedule(world, id, params.everything())


def release_schedule(world: World, params: Params, id: str) -> Object:
    """Let go of the subscription, as it is."""
    return engine.release_schedule(world, id, params.everything())


def cancel_schedule(world: World, params: Params, id: str) -> Object:
    """End a schedule and its subscription."""
    return engine.cancel_schedule(world, id, params.everything())
