"""Subscription schedules: phases that change a subscription's prices by themselves when their time comes."""

from typing import Any

from billing.sandbox.engine import changes
from billing.sandbox.engine.asked import (
    Params,
    boolean,
    choice,
    entries,
    integer,
    mapping,
    metadata,
    moment,
    only,
    required,
)
from billing.sandbox.engine.ending import end
from billing.sandbox.engine.items import interval_of, period_of, quantity_of, recurring_price
from billing.sandbox.engine.periods import boundary
from billing.sandbox.engine.records import amend
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

UPDATED = "customer.subscription.updated"
_PHASE = (
    "items",
    "start_date",
    "end_date",
    "duration",
    "proration_behavior",
    "metadata",
    "billing_cycle_anchor",
)


def create_schedule(world: World, params: Params) -> Object:
    """Put a running subscription under a schedule of one phase, its current period, and then release.

    Emits subscription_schedule.created and customer.subscription.updated (`schedule`).
    """
    only(params, "from_subscription", "metadata")
    with world.store.change():
        subscription = world.store.get(
            "subscription", required(params, "from_subscription"), param="from_subscription"
        )
        if subscription["schedule"]:
            message = (
                "You cannot migrate a subscription that is already attached to a schedule:"
                f" `{subscription['schedule']}`."
            )
            raise InvalidError(message, param="from_subscription")
        if subscription["status"] in ("canceled", "incomplete", "incomplete_expired"):
            message = "You cannot migrate a subscription that is not running to a schedule."
            raise InvalidError(message, param="from_subscription")
        at = world.now(subscription)
        schedule = world.store.put(_new(world, subscription, params, at))
        world.emit("subscription_schedule.created", schedule)
        amend(world, subscription, UPDATED, schedule=schedule["id"], cancel_at_period_end=False)
        return schedule


def update_schedule(world: World, schedule_id: str, params: Params) -> Object:
    """Replace the phases of a running schedule, or what follows the last of them (release or cancel).

    The first phase given is the running one and keeps its start. Each ends at `end_date`, or after
    `duration`, or after one interval of its price.
    """
    only(params, "phases", "end_behavior", "metadata", "proration_behavior")
    with world.store.change():
        schedule = _running(world, schedule_id)
        members: dict[str, Any] = {"metadata": metadata(params, schedule["metadata"])}
        if "end_behavior" in params:
            members["end_behavior"] = choice(params, "end_behavior", "release", "cancel")
        if "phases" in params:
            members["phases"] = _phases(world, schedule, entries(params, "phases"))
            first = members["phases"][0]
            members["current_phase"] = {"end_date": first["end_date"], "start_date": first["start_date"]}
        amend(world, schedule, "subscription_schedule.updated", **members)
        subscription = world.store.get("subscription", schedule["subscription"])
        _apply_items(world, subscription, schedule["phases"][0], at=world.now(subscription))
        _plan_end(world, schedule)
        return schedule


def release_schedule(world: World, schedule_id: str, params: Params | None = None) -> Object:
    """Let a subscription go on as it now is, without its schedule."""
    only(params or {}, "preserve_cancel_date")
    with world.store.change():
        schedule = _running(world, schedule_id)
        keeps = boolean(params or {}, "preserve_cancel_date")
        return release(world, schedule, at=world.now(schedule), keeps_end=bool(keeps))


def cancel_schedule(world: World, schedule_id: str, params: Params | None = None) -> Object:
    """Cancel a schedule and, with it, its subscription at once."""
    only(params or {}, "invoice_now", "prorate")
    with world.store.change():
        schedule = _running(world, schedule_id)
        subscription = world.store.get("subscription", schedule["subscription"])
        end(world, subscription, at=world.now(schedule), reason="cancellation_requested")
        return world.store.get("subscription_schedule", schedule_id)


def release(world: World, schedule: Object, *, at: int, keeps_end: bool = False) -> Object:
    """Set a subscription free of its schedule; emits subscription_schedule.released and the update."""
    subscription = world.store.get("subscription", schedule["subscription"])
    schedule.update(
        status="released",
        released_at=at,
        released_subscription=subscription["id"],
        subscription=None,
        current_phase=None,
    )
    world.store.put(schedule)
    world.emit("subscription_schedule.released", schedule)
    members: dict[str, Any] = {"schedule": None}
    if schedule["end_behavior"] == "cancel" and not keeps_end:
        members.update(cancel_at=None, canceled_at=None)
    amend(world, subscription, UPDATED, **members)
    return schedule


def phase_ends(world: World, subscription: Object) -> int | None:
    """Return when the running phase of a subscription's schedule ends, or None without a schedule."""
    if not subscription["schedule"]:
        return None
    schedule = world.store.get("subscription_schedule", subscription["schedule"])
    return int(schedule["current_phase"]["end_date"])


def move_on(world: World, subscription: Object, *, at: int) -> list[Object] | None:
    """End the running phase at `at`: enter the next one, release, or cancel.

    Returns the items that the next phase wants, or None when the subscription goes on with its own (or has
    ended).
    """
    schedule = world.store.get("subscription_schedule", subscription["schedule"])
    phase = _following(schedule, at)
    if phase is None:
        if schedule["end_behavior"] == "cancel":
            end(world, subscription, at=at)
        else:
            release(world, schedule, at=at)
        return None
    current = {"end_date": phase["end_date"], "start_date": phase["start_date"]}
    amend(world, schedule, "subscription_schedule.updated", current_phase=current)
    if phase["metadata"]:
        merged = {**subscription["metadata"], **phase["metadata"]}
        amend(world, subscription, UPDATED, metadata=merged)
    return changes.wanted_items(world, subscription, _asked(subscription, phase), at, planned=True)


def next_items(world: World, subscription: Object, *, at: int) -> list[Object] | None:
    """Return the items that the phase beginning at `at` wants, or None when none begins; changes nothing."""
    phase = _following(world.store.get("subscription_schedule", subscription["schedule"]), at)
    return (
        changes.wanted_items(world, subscription, _asked(subscription, phase), at, planned=True)
        if phase
        else None
    )


def enter_within_period(world: World, subscription: Object, *, at: int) -> None:
    """Carry out a phase that begins in the middle of a period, with the proration that it asks for."""
    schedule = world.store.get("subscription_schedule", subscription["schedule"])
    phase = next(phase for phase in schedule["phases"] if phase["start_date"] == at)
    _apply_items(world, subscription, phase, at=at)


def follow(world: World, subscription: Object) -> None:
    """Write into the running phase what its subscription was directly changed to."""
    if not subscription["schedule"]:
        return
    schedule = world.store.get("subscription_schedule", subscription["schedule"])
    started = schedule["current_phase"]["start_date"]
    phases = [
        {**phase, "items": _items(subscription)} if phase["start_date"] == started else phase
        for phase in schedule["phases"]
    ]
    amend(world, schedule, "subscription_schedule.updated", phases=phases)


def _following(schedule: Object, at: int) -> Object | None:
    return next((phase for phase in schedule["phases"] if phase["start_date"] >= at), None)


def _running(world: World, schedule_id: str) -> Object:
    schedule = world.store.get("subscription_schedule", schedule_id)
    if schedule["status"] != "active":
        message = f"You cannot change a subscription schedule that is in the `{schedule['status']}` status."
        raise InvalidError(message)
    return schedule


def _plan_end(world: World, schedule: Object) -> None:
    """A schedule that cancels says so on its subscription."""
    subscription = world.store.get("subscription", schedule["subscription"])
    last = schedule["phases"][-1]["end_date"] if schedule["end_behavior"] == "cancel" else None
    amend(world, subscription, UPDATED, cancel_at=last)


def _apply_items(world: World, subscription: Object, phase: Object, *, at: int) -> None:
    if _items(subscription) == phase["items"]:
        return
    params = {"items": _asked(subscription, phase), "proration_behavior": phase["proration_behavior"]}
    changes.change_prices(world, subscription, params, at=at, planned=True)


def _asked(subscription: Object, phase: Object) -> list[Object]:
    """Return the change of items that turns the subscription's into the phase's, one for one."""
    wanted = [{"price": item["price"], "quantity": item["quantity"]} for item in phase["items"]]
    present = [item["id"] for item in subscription["items"]["data"]]
    changed = [{"id": item_id, **entry} for item_id, entry in zip(present, wanted, strict=False)]
    gone = [{"id": item_id, "deleted": True} for item_id in present[len(wanted) :]]
    return changed + gone + wanted[len(present) :]


def _items(subscription: Object) -> list[Object]:
    return [_phase_item(item["price"]["id"], item["quantity"]) for item in subscription["items"]["data"]]


def _phase_item(price_id: str, quantity: int) -> Object:
    return {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": {},
        "plan": price_id,
        "price": price_id,
        "quantity": quantity,
        "tax_rates": [],
    }


def _phases(world: World, schedule: Object, asked: list[Object]) -> list[Object]:
    if not asked:
        raise InvalidError("Missing required param: phases.", code="parameter_missing", param="phases")
    now = world.now(schedule)
    started: int = schedule["current_phase"]["start_date"]
    phases: list[Object] = []
    for entry in asked:
        only(entry, *_PHASE)
        start = moment(entry, "start_date", now=now) or (phases[-1]["end_date"] if phases else started)
        if start != (phases[-1]["end_date"] if phases else started):
            raise InvalidError("A phase begins where the one before it ends.", param="phases")
        items = [
            _phase_item(recurring_price(world, required(item, "price"))["id"], quantity_of(item))
            for item in entries(entry, "items")
        ]
        phases.append(_phase(world, schedule, entry, items, start, now))
    return phases


def _phase(
    world: World, schedule: Object, entry: Object, items: list[Object], start: int, now: int
) -> Object:
    prices = [world.store.get("price", item["price"]) for item in items]
    interval, count = interval_of(prices)
    duration = mapping(entry, "duration")
    if duration:
        interval, count = required(duration, "interval"), integer(duration, "interval_count") or 1
    phase_end = moment(entry, "end_date", now=now) or boundary(start, interval, count, 1)
    if phase_end <= start:
        raise InvalidError("A phase ends after it begins.", param="phases")
    behavior = choice(entry, "proration_behavior", *changes.PRORATIONS)
    return {
        **_phase_template(prices[0]["currency"]),
        "end_date": phase_end,
        "items": items,
        "metadata": metadata(entry),
        "proration_behavior": behavior,
        "start_date": start,
    }


def _phase_template(currency: str) -> Object:
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
        "discounts": [],
        "invoice_settings": None,
        "on_behalf_of": None,
        "transfer_data": None,
        "trial_end": None,
    }


def _new(world: World, subscription: Object, params: Params, at: int) -> Object:
    start, period_end = period_of(subscription)
    return {
        "id": world.store.new_id("sub_sched"),
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": subscription["billing_mode"],
        "canceled_at": None,
        "completed_at": None,
        "created": at,
        "current_phase": {"end_date": period_end, "start_date": start},
        "customer": subscription["customer"],
        "customer_account": None,
        "default_settings": {
            "application_fee_percent": None,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": "automatic",
            "billing_thresholds": None,
            "collection_method": "charge_automatically",
            "default_payment_method": subscription["default_payment_method"],
            "description": None,
            "invoice_settings": {"account_tax_ids": None, "days_until_due": None, "issuer": {"type": "self"}},
            "on_behalf_of": None,
            "transfer_data": None,
        },
        "end_behavior": "cancel" if subscription["cancel_at_period_end"] else "release",
        "livemode": False,
        "metadata": metadata(params),
        "phases": [
            {
                **_phase_template(subscription["currency"]),
                "end_date": period_end,
                "items": _items(subscription),
                "metadata": {},
                "proration_behavior": "create_prorations",
                "start_date": start,
                "trial_end": subscription["trial_end"] if subscription["status"] == "trialing" else None,
            }
        ],
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": subscription["test_clock"],
    }
