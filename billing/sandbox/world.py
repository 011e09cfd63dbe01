"""What every part of the sandbox acts in: its objects, the time of each customer, and what happened."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from billing.sandbox import API_VERSION, deliveries
from billing.sandbox.dials import Dials
from billing.sandbox.store import Object, Store

HIDDEN = {
    "customer": ("subscriptions",),
    "charge": ("refunds",),
    "checkout.session": ("line_items",),
    "coupon": ("applies_to",),
    "invoice": ("payments",),
}
"""Members that answers have only where the request expands them, and events never."""


def hidden(obj: Object) -> tuple[str, ...]:
    """Return the members of `obj` that are left out unless asked for."""
    kind = obj.get("object")
    return HIDDEN.get(kind, ()) if isinstance(kind, str) else ()


_request: ContextVar[tuple[str | None, str | None]] = ContextVar("request", default=(None, None))


class World:
    """The store, the clocks and the events of one sandbox, which stands at `address`."""

    def __init__(self, store: Store, address: str = "http://127.0.0.1") -> None:
        self.store = store
        self.address = address
        self.dials = Dials(store)
        self.wake: Callable[[], None] = lambda: None
        """Called after each commit that has events to deliver."""

    def url(self, path: str) -> str:
        """Return the whole address of one of the sandbox's pages."""
        return f"{self.address}{path}"

    def settle(self) -> None:
        """Put the addresses that objects hold right, where the sandbox stood at another one before."""
        before = self.store.notes("sandbox_address").get("address")
        with self.store.change():
            if before and before != self.address:
                old, new = f'"{before}/', f'"{self.address}/'
                self.store.execute("UPDATE object SET body = replace(body, ?, ?)", old, new)
            self.store.note("sandbox_address", address=self.address)

    def now(self, of: Object | str | None = None) -> int:
        """Return the time in which `of` lives, in whole seconds: a customer's id, or an object of theirs.

        Every customer has a test clock. It goes with the real time until it is first advanced; from then on
        it stands. What belongs to no customer lives in real time.
        """
        clock = self.clock(of)
        if clock is None or self.follows(clock["id"]):
            return int(time.time())
        return int(clock["frozen_time"])

    def clock(self, of: Object | str | None) -> Object | None:
        """Return the test clock in which `of` lives."""
        owner: Object | None = None
        if isinstance(of, str):
            owner = self.store.look("customer", of)
        elif of is not None:
            owner = of
            if not of.get("test_clock") and isinstance(of.get("customer"), str):
                owner = self.store.look("customer", of["customer"])
        if not owner or not owner.get("test_clock"):
            return None
        return self.store.look("test_helpers.test_clock", owner["test_clock"])

    def follows(self, clock_id: str) -> bool:
        """Say whether a clock still goes with the real time."""
        return bool(self.store.notes(clock_id).get("follows"))

    def set_clock(self, clock_id: str, at: int) -> None:
        """Let a clock stand at `at`, without anything happening: `engine.advance` makes the way there."""
        clock = self.store.get("test_helpers.test_clock", clock_id)
        clock["frozen_time"] = at
        self.store.put(clock)
        self.store.note(clock_id, follows=None)

    @contextlib.contextmanager
    def requested(self, request_id: str, idempotency_key: str | None) -> Iterator[None]:
        """Name the request that causes the events of this thread."""
        token = _request.set((request_id, idempotency_key))
        try:
            yield
        finally:
            _request.reset(token)

    def emit(self, type: str, obj: Object, previous: Object | None = None) -> Object:
        """Record that `type` happened to `obj` (as it is now), in the same change; deliver it after commit.

        `previous` holds the former values of the members that an update changed. Events carry real time:
        who asks what happened since an hour ago means the hour on the wall, whatever a clock says.
        """
        request_id, key = _request.get()
        data: Object = {"object": {name: obj[name] for name in obj if name not in hidden(obj)}}
        if previous is not None:
            data["previous_attributes"] = previous
        event: dict[str, Any] = {
            "id": self.store.new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(time.time()),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": request_id, "idempotency_key": key},
            "type": type,
        }
        event["pending_webhooks"] = deliveries.schedule(self.store, self.dials, event)
        self.store.after_commit(self.wake)
        return self.store.put(event)

    def update(self, obj: Object, type: str) -> Object:
        """Keep `obj` as it now is; emit `type` with what was before, unless nothing changed."""
        before = self.store.get(obj["object"], obj["id"])
        previous = {name: value for name, value in before.items() if obj.get(name) != value}
        if previous or set(obj) - set(before):
            self.store.put(obj)
            self.emit(type, obj, previous)
        return obj
