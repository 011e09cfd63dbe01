"""Subscription schedules as requests make and change them; `following` says what becomes of them in time."""

from typing import Any

from billing.sandbox.asked import Params, boolean, choice, entries, metadata, only, required
from billing.sandbox.engine import following, phases
from billing.sandbox.engine.ending import end
from billing.sandbox.engine.phases import UPDATED
from billing.sandbox.engine.records import amend
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World


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

    The first phase given is the running one and keeps its start; its subscription has its items and its
    discounts from now on, and no others. Each ends at `end_date`, or after `duration`, or after one interval
    of its price.
    """
    only(params, "phases", "end_behavior", "metadata", "proration_behavior")
    with world.store.change():
        schedule = _running(world, schedule_id)
        members: dict[str, Any] = {"metadata": metadata(params, schedule["metadata"])}
        if "end_behavior" in params:
            members["end_behavior"] = choice(params, "end_behavior", "release", "cancel")
        if "phases" in params:
            members["phases"] = phases.asked_phases(world, schedule, entries(params, "phases"))
            first = members["phases"][0]
            members["current_phase"] = {"end_date": first["end_date"], "start_date": first["start_date"]}
        amend(world, schedule, "subscription_schedule.updated", **members)
        subscription = world.store.get("subscription", schedule["subscription"])
        at = world.now(subscription)
        phases.apply_discounts(world, subscription, schedule["phases"][0], at=at)
        phases.apply_items(world, subscription, schedule["phases"][0], at=at)
        schedule = world.store.get("subscription_schedule", schedule_id)
        _plan_end(world, schedule)
        return schedule


def release_schedule(world: World, schedule_id: str, params: Params | None = None) -> Object:
    """Let a subscription go on as it now is, without its schedule."""
    only(params or {}, "preserve_cancel_date")
    with world.store.change():
        schedule = _running(world, schedule_id)
        keeps = boolean(params or {}, "preserve_cancel_date")
        return following.release(world, schedule, at=world.now(schedule), keeps_end=bool(keeps))


def cancel_schedule(world: World, schedule_id: str, params: Params | None = None) -> Object:
    """Cancel a schedule and, with it, its subscription at once."""
    only(params or {}, "invoice_now", "prorate")
    with world.store.change():
        schedule = _running(world, schedule_id)
        subscription = world.store.get("subscription", schedule["subscription"])
        end(world, subscription, at=world.now(schedule), reason="cancellation_requested")
        return world.store.get("subscription_schedule", schedule_id)


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


def _new(world: World, subscription: Object, params: Params, at: int) -> Object:
    phase = phases.present_phase(subscription)
    return {
        "id": world.store.new_id("sub_sched"),
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": subscription["billing_mode"],
        "canceled_at": None,
        "completed_at": None,
        "created": at,
        "current_phase": {"end_date": phase["end_date"], "start_date": phase["start_date"]},
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
        "phases": [phase],
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": subscription["test_clock"],
    }
