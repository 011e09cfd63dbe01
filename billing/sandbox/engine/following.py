"""A subscription follows its schedule: one phase ends, the next begins, and after the last it is released."""

from typing import Any

from billing.sandbox.engine import changes, phases
from billing.sandbox.engine.ending import end
from billing.sandbox.engine.phases import UPDATED
from billing.sandbox.engine.records import amend
from billing.sandbox.store import Object
from billing.sandbox.world import World


def phase_ends(world: World, subscription: Object) -> int | None:
    """Return when the running phase of a subscription's schedule ends, or None without a schedule."""
    if not subscription["schedule"]:
        return None
    return int(_schedule(world, subscription)["current_phase"]["end_date"])


def move_on(world: World, subscription: Object, *, at: int) -> list[Object] | None:
    """End the running phase at `at`: enter the next one, release, or cancel.

    Returns the items that the next phase wants, or None when the subscription goes on with its own (or has
    ended).
    """
    schedule = _schedule(world, subscription)
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
    phases.apply_discounts(world, subscription, phase, at=at)
    return _wanted(world, subscription, phase, at)


def next_items(world: World, subscription: Object, *, at: int) -> list[Object] | None:
    """Return the items that the phase beginning at `at` wants, or None when none begins; changes nothing."""
    phase = _following(_schedule(world, subscription), at)
    return _wanted(world, subscription, phase, at) if phase else None


def next_discounts(world: World, subscription: Object, *, at: int) -> list[str]:
    """Return the present discounts that a subscription still has in the phase beginning at `at`."""
    phase = _following(_schedule(world, subscription), at)
    named = [entry["discount"] for entry in phase["discounts"]] if phase else subscription["discounts"]
    return [found for found in subscription["discounts"] if found in named]


def enter_within_period(world: World, subscription: Object, *, at: int) -> None:
    """Carry out a phase that begins in the middle of a period, with the proration that it asks for."""
    schedule = _schedule(world, subscription)
    phase = next(phase for phase in schedule["phases"] if phase["start_date"] == at)
    phases.apply_items(world, subscription, phase, at=at)


def take_over(world: World, subscription: Object) -> None:
    """Write into the running phase what its subscription was directly changed to."""
    if not subscription["schedule"]:
        return
    schedule = _schedule(world, subscription)
    started = schedule["current_phase"]["start_date"]
    present = phases.present_phase(subscription)
    as_it_is = {name: present[name] for name in ("items", "discounts")}
    changed = [
        {**phase, **as_it_is} if phase["start_date"] == started else phase for phase in schedule["phases"]
    ]
    amend(world, schedule, "subscription_schedule.updated", phases=changed)


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


def _schedule(world: World, subscription: Object) -> Object:
    return world.store.get("subscription_schedule", subscription["schedule"])


def _following(schedule: Object, at: int) -> Object | None:
    return next((phase for phase in schedule["phases"] if phase["start_date"] >= at), None)


def _wanted(world: World, subscription: Object, phase: Object, at: int) -> list[Object]:
    return changes.wanted_items(world, subscription, phases.wanted_by(subscription, phase), at, planned=True)
