"""What a bank settles later: delayed payments and refunds, until their time has come."""

from typing import NamedTuple

from billing.sandbox.store import Object
from billing.sandbox.world import World

SETTLES_AFTER = 180
"""Seconds that a bank takes, as with Stripe's own test accounts that take their time."""

_NOTE = "settled_later"


class Later(NamedTuple):
    """An object that is settled at a moment of a customer's clock, and how: `outcome` is the owner's word."""

    object_id: str
    kind: str
    at: int
    clock_id: str | None
    outcome: str


def settle_later(world: World, obj: Object, *, at: int, outcome: str) -> None:
    """Remember that `obj` is settled some minutes after `at`."""
    clock = world.clock(obj)
    when = at + SETTLES_AFTER
    kept = [obj["object"], when, clock["id"] if clock else None, outcome]
    world.store.note(_NOTE, **{obj["id"]: kept})


def settled_now(world: World, object_id: str) -> str:
    """Forget that an object waits, and return how it is to end; empty when it did not wait."""
    kept = world.store.notes(_NOTE).get(object_id)
    if kept:
        world.store.note(_NOTE, **{object_id: None})
    return str(kept[3]) if kept else ""


def waiting(world: World) -> list[Later]:
    """Return all that waits to be settled."""
    return [Later(object_id, *kept) for object_id, kept in world.store.notes(_NOTE).items()]
