"""A client of event streams that speaks ASGI in this process, and a reader of what came."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connections

from orchestration.streaming.asgi import EventStreams
from tests.support.people import client_for


@dataclass
class Event:
    """One event as a client reads it."""

    number: int
    kind: str
    data: Any


@dataclass
class StreamClient:
    """One open stream."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    closed: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> dict[str, Any]:
        """What the server learns of the client: when it leaves."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Take what the server sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")
            self.closed = not message.get("more_body", False)
        self._changed.set()

    @property
    def events(self) -> list[Event]:
        """All whole events so far."""
        return read_events(self.body)

    async def until(self, condition: Any, seconds: float = 30) -> None:
        """Wait until `condition(self)` holds."""
        async with asyncio.timeout(seconds):
            while not condition(self):
                self._changed.clear()
                await self._changed.wait()


def read_events(body: bytes) -> list[Event]:
    """Return the whole events in `body`."""
    events = []
    for block in body.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if "event" in fields:
            events.append(Event(int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return events


@contextlib.asynccontextmanager
async def stream(
    app: EventStreams, session_id: object, *, cookie: str = "", token: str = "", last: int | None = None
) -> AsyncIterator[StreamClient]:
    """Follow a session through `app` for the length of a `with`."""
    headers = [(b"host", b"localhost")]
    if cookie:
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode()))
    if token:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    if last is not None:
        headers.append((b"last-event-id", str(last).encode()))
    client = StreamClient()
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/api/v1/sessions/{session_id}/events",
        "headers": headers,
    }
    task = asyncio.create_task(app(scope, client.receive, client.send))
    try:
        yield client
    finally:
        client.gone.set()
        async with asyncio.timeout(30):
            await task


@contextlib.asynccontextmanager
async def streams_app() -> AsyncIterator[EventStreams]:
    """Give the handler, and end what it started."""

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = EventStreams(inner)
    try:
        yield app
    finally:
        await app.close()


def cookie_of(user: Any) -> str:
    """Sign `user` in and return the session cookie's value."""
    return client_for(user).cookies[settings.SESSION_COOKIE_NAME].value


def run(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run `scene` in an event loop of its own thread: a browser test may keep one in this thread."""

    def act() -> None:
        try:
            asyncio.run(scene())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(act).result()
