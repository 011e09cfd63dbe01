"""What most resources have in common: read one, read many, change the metadata."""

from collections.abc import Callable
from typing import Any

from billing.sandbox.api import answers
from billing.sandbox.errors import NoSuchError
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World

Handler = Callable[..., Object]


def retrieve(kind: str) -> Handler:
    """Return the handler that answers one object; of a deleted customer, the stub that is left."""

    def handler(world: World, params: Params, id: str) -> Object:
        found = world.store.look(kind, id) or (world.store.anything(id) if kind == "customer" else None)
        if found is None or found["object"] != kind:
            raise NoSuchError(kind, id)
        return found

    return handler


def listing(kind: str, url: str, *filters: str, **renamed: str) -> Handler:
    """Return the handler that lists a kind; `filters` are members that a parameter may hold to a value.

    `renamed` maps a parameter to a member further down, in the spelling of `Store.find`.
    """

    def handler(world: World, params: Params) -> Object:
        return answers.page(world, params, kind, url, **held(params, *filters, **renamed))

    return handler


def held(params: Params, *filters: str, **renamed: str) -> dict[str, Any]:
    """Return the members, by name, that the request holds to a value."""
    members = {**{name: name for name in filters}, **renamed}
    values = {member: params.text(name) for name, member in members.items()}
    return {
        member: {"true": True, "false": False}.get(value, value)
        for member, value in values.items()
        if value is not None
    }


def annotate(kind: str, event: str | None) -> Handler:
    """Return the handler that changes an object's metadata and nothing else, and emits `event`."""

    def handler(world: World, params: Params, id: str) -> Object:
        obj = world.store.get(kind, id)
        obj["metadata"] = params.metadata(obj["metadata"])
        return world.update(obj, event) if event else world.store.put(obj)

    return handler
