"""Stripe in a dictionary: answers what the gateway would bring, for tests of what is made of it."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from config.common.errors import Missing


class StandIn:
    """Objects by their ids. `asked` are those it was asked for; `before` is called ahead of each answer."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.before: Callable[[str], None] = lambda object_id: None

    def put(self, object_id: str, kind: str, **fields: Any) -> dict[str, Any]:
        """Have an object be as told."""
        told = {"id": object_id, "object": kind, "livemode": False, "created": 1_900_000_000, "metadata": {}}
        self.objects[object_id] = {**told, **fields}
        return self.objects[object_id]

    def fetch(self, kind: str, object_id: str) -> dict[str, Any]:
        """Answer as the gateway does: a copy of the object as it is now."""
        assert not connection.in_atomic_block or all(
            block._from_testcase for block in connection.atomic_blocks
        ), "asked within a transaction"
        self.asked.append(object_id)
        found = self.objects.get(object_id)
        if found is None:
            raise Missing(f"There is no {kind} {object_id}.")
        answer = dict(found)
        self.before(object_id)
        return answer

    def list_events(self, *, since: Any) -> list[dict[str, Any]]:
        """Return the events there were."""
        return self.events
