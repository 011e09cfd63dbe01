"""The phases of a schedule: from when until when a subscription has which prices and discounts."""

from typing import Any

from billing.sandbox.asked import (
    Params,
    choice,
    entries,
    integer,
    mapping,
    metadata,
    missing,
    moment,
    only,
    required,
    text,
)
from billing.sandbox.engine import changes, discounts
from billing.sandbox.engine.items import interval_of, period_of, quantity_of, recurring_price
from billing.sandbox.engine.periods import boundary
from billing.sandbox.engine.records import amend
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

UPDATED = "customer.subscription.updated"
_KNOWN = (
    "items",
    "start_date",
    "end_date",
    "duration",
    "proration_behavior",
    "metadata",
    "billing_cycle_anchor",
    "discounts",
)
_DISCOUNT = ("coupon", "discount", "promotion_code")


def present_phase(subscription: Object) -> Object:
    """Return the phase that a subscription is in as it stands: its period, its prices, its discounts."""
    start, end = period_of(subscription)
    return {
        **_template(subscription["currency"]),
        "discounts": [_discount({"discount": found}) for found in subscription["discounts"]],
        "end_date": end,
        "items": items_of(subscription),
        "metadata": {},
        "proration_behavior": "create_prorations",
        "start_date": start,
        "trial_end": subscription["trial_end"] if subscription["status"] == "trialing" else None,
    }


def asked_phases(world: World, schedule: Object, asked: list[Object]) -> list[Object]:
    """Return the phases that a request gives a schedule; the first is the running one and keeps its start."""
    if not asked:
        raise missing("phases")
    now = world.now(schedule)
    started: int = schedule["current_phase"]["start_date"]
    phases: list[Object] = []
    for entry in asked:
        only(entry, *_KNOWN)
        start = moment(entry, "start_date", now=now) or (phases[-1]["end_date"] if phases else started)
        if start != (phases[-1]["end_date"] if phases else started):
            raise InvalidError("A phase begins where the one before it ends.", param="phases")
        phases.append(_phase(world, entry, start, now))
    return phases


def items_of(subscription: Object) -> list[Object]:
    """Return the items of a subscription as phases name them."""
    return [_item(item["price"]["id"], item["quantity"]) for item in subscription["items"]["data"]]


def wanted_by(subscription: Object, phase: Object) -> list[Object]:
    """Return the change of items that turns the subscription's into the phase's, one for one."""
    wanted = [{"price": item["price"], "quantity": item["quantity"]} for item in phase["items"]]
    present = [item["id"] for item in subscription["items"]["data"]]
    changed = [{"id": item_id, **entry} for item_id, entry in zip(present, wanted, strict=False)]
    gone = [{"id": item_id, "deleted": True} for item_id in present[len(wanted) :]]
    return changed + gone + wanted[len(present) :]


def apply_items(world: World, subscription: Object, phase: Object, *, at: int) -> None:
    """Give a subscription the items of a phase within its period, with the proration that it asks for."""
    if items_of(subscription) == phase["items"]:
        return
    params = {"items": wanted_by(subscription, phase), "proration_behavior": phase["proration_behavior"]}
    changes.change_prices(world, subscription, params, at=at, planned=True)


def apply_discounts(world: World, subscription: Object, phase: Object, *, at: int) -> None:
    """Give a subscription the discounts of a phase, and no others: what a phase does not name is lost."""
    asked = [
        {name: value for name, value in entry.items() if value}
        for entry in phase["discounts"]
        if not entry["discount"] or entry["discount"] in subscription["discounts"]  # used up since
    ]
    kept = discounts.replace(world, subscription=subscription, asked=asked, at=at)
    amend(world, subscription, UPDATED, discounts=kept)
    shown = [_discount({"discount": found}) for found in kept]
    schedule = world.store.get("subscription_schedule", subscription["schedule"])
    phases = [
        {**entry, "discounts": shown} if entry["start_date"] == phase["start_date"] else entry
        for entry in schedule["phases"]
    ]
    world.store.put({**schedule, "phases": phases})


def _phase(world: World, entry: Object, start: int, now: int) -> Object:
    items = [
        _item(recurring_price(world, required(item, "price"))["id"], quantity_of(item))
        for item in entries(entry, "items")
    ]
    prices = [world.store.get("price", item["price"]) for item in items]
    interval, count = interval_of(prices)
    duration = mapping(entry, "duration")
    if duration:
        interval, count = required(duration, "interval"), integer(duration, "interval_count") or 1
    phase_end = moment(entry, "end_date", now=now) or boundary(start, interval, count, 1)
    if phase_end <= start:
        raise InvalidError("A phase ends after it begins.", param="phases")
    return {
        **_template(prices[0]["currency"]),
        "discounts": [_asked_discount(world, asked) for asked in entries(entry, "discounts")],
        "end_date": phase_end,
        "items": items,
        "metadata": metadata(entry),
        "proration_behavior": choice(entry, "proration_behavior", *changes.PRORATIONS),
        "start_date": start,
    }


def _asked_discount(world: World, asked: Params) -> Object:
    only(asked, *_DISCOUNT)
    given = {name: found for name in _DISCOUNT if (found := text(asked, name))}
    if len(given) != 1:
        raise InvalidError("A discount names a coupon, a discount or a promotion code", param="phases")
    for name, object_id in given.items():
        world.store.get(name, object_id, param=f"phases[0][discounts][0][{name}]")
    return _discount(given)


def _discount(given: dict[str, Any]) -> Object:
    return {**dict.fromkeys(_DISCOUNT), **given}


def _item(price_id: str, quantity: int) -> Object:
    return {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": {},
        "plan": price_id,
        "price": price_id,
        "quantity": quantity,
        "tax_rates": [],
    }


def _template(currency: str) -> Object:
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": currency,
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "invoice_settings": None,
        "on_behalf_of": None,
        "transfer_data": None,
        "trial_end": None,
    }
