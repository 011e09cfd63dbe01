"""Changes objects of the sandbox, and tells what they were before."""

from typing import Any

from billing.sandbox.store import Object
from billing.sandbox.world import World


def amend(world: World, obj: Object, event: str | None, **changes: Any) -> Object:
    """Change members of `obj`, keep it, emit `event` with the former values; nothing when all are equal."""
    previous = difference({name: obj.get(name) for name in changes}, changes)
    if previous:
        obj.update(changes)
        world.store.put(obj)
        if event:
            world.emit(event, obj, previous)
    return obj


def difference(before: Object, after: Object) -> Object:
    """Return the former values of what differs, nested objects by their members, lists as a whole."""
    previous: Object = {}
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        nested = isinstance(old, dict) and isinstance(new, dict)
        previous[name] = difference(old, new) if nested else old  # type: ignore[arg-type]
    return previous


def listing(data: list[Object], url: str) -> Object:
    """Return Stripe's list object around `data`."""
    return {"object": "list", "data": data, "has_more": False, "url": url}
