"""Serves a session's events to browsers and to curl: one coroutine a stream, no thread, no connection.

Stands before Django's handler for this one path, because that one keeps a thread for every open response.
"""

import asyncio
import contextlib
import json
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from typing import Any

import django.db
import redis
from django.conf import settings
from redis.asyncio import BlockingConnectionPool, Redis

from config.common.errors import DomainError
from credits import bandwidth
from orchestration.models import Session
from orchestration.streaming import access, publish, seats, snapshot
from orchestration.streaming.hub import Follower, Hub
from orchestration.streaming.keys import number_of

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_PATH = re.compile(r"^/api/v1/sessions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/events$")
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"connection", b"keep-alive"),
]
TICK_SECONDS = 15.0
"""How often a quiet stream shows that it lives, and every stream's right is asked for again."""
LONGEST_SECONDS = 30 * 60
"""After this a stream ends; the client connects again where it was."""
MOST_CONNECTIONS = 8
"""To Valkey, the reader's included. A thousand browsers that connect at once wait for their turn at these."""
CONNECTION_SECONDS = 20
ENDPOINT = "session-events"
"""What the meter calls this door."""
RETRY = b"retry: 1000\n\n"
_OUTAGES = (redis.RedisError, TimeoutError, django.db.Error)
"""What is raised where something that a stream stands on is away for a moment."""


class Refusal(Exception):  # an answer, not a fault
    """What a request gets instead of a stream."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        *,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}
        self.details = details or {}


class _Stream:
    """One open stream, for the keeper's rounds."""

    __slots__ = ("follower", "opened", "seat", "ticket", "unmetered")

    def __init__(self, follower: Follower, ticket: access.Ticket, seat: str) -> None:
        self.follower, self.ticket, self.seat = follower, ticket, seat
        self.opened = time.monotonic()
        self.unmetered = 0
        """Bytes that went out since the meter was last told."""


class EventStreams:
    """The ASGI application for event streams; everything else goes to `inner`."""

    def __init__(self, inner: App) -> None:
        self.inner = inner
        self._hub: Hub | None = None
        self._streams: set[_Stream] = set()
        self._keeper: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a stream, or pass the request on."""
        match = _PATH.match(scope["path"]) if scope["type"] == "http" else None
        if match is None:
            await self.inner(scope, receive, send)
            return
        try:
            await self._serve(scope, uuid.UUID(match[1]), receive, send)
        except Refusal as refusal:
            await _refuse(send, refusal)
        except _OUTAGES:
            message = "The live stream is not reachable. The run goes on; try again in a moment."
            await _refuse(send, Refusal(503, "unavailable", message, {"retry-after": "5"}))

    async def close(self) -> None:
        """End the hub and the keeper, where they were started."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        if self._hub is not None:
            await self._hub.close()

    async def _serve(self, scope: Scope, session_id: uuid.UUID, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] != "GET":
            raise Refusal(405, "method_not_allowed", "A stream is read with GET.", {"allow": "GET"})
        ticket = await _authorised(session_id, headers)
        hub, seat = self._started(), str(uuid.uuid4())
        if not await seats.take(
            hub.client, user_id=ticket.user_id, seat=seat, most=settings.STREAMS_PER_USER
        ):
            message = f"At most {settings.STREAMS_PER_USER} live streams at once. Close another one first."
            raise Refusal(429, "rate_limited", message, {"retry-after": "15"})
        try:
            async with hub.follow(session_id) as follower:
                opening, ended = await self._opening(hub, follower, session_id, _last_event(headers))
                if ended and not opening:
                    # 204 tells an EventSource, which reconnects after every end, that this one is final.
                    await send({"type": "http.response.start", "status": 204, "headers": _HEADERS[1:2]})
                    await send({"type": "http.response.body", "body": b""})
                    return
                await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
                await send({"type": "http.response.body", "body": RETRY + opening, "more_body": True})
                stream = _Stream(follower, ticket, seat)
                stream.unmetered = len(RETRY) + len(opening)
                try:
                    if not ended:
                        await self._relay(stream, receive, send)
                    await send({"type": "http.response.body", "body": b""})
                finally:
                    await _meter(hub, [stream])
        finally:
            with contextlib.suppress(redis.RedisError):
                await seats.leave(hub.client, user_id=ticket.user_id, seat=seat)

    async def _opening(
        self, hub: Hub, follower: Follower, session_id: uuid.UUID, last: int
    ) -> tuple[bytes, bool]:
        """Return what the client needs first: what it missed after `last`, or a snapshot."""
        missed = await hub.backlog(session_id, last) if last else None
        if missed is None or any(not chunk for _, chunk in missed):
            return await _fresh(follower, session_id)
        # The first one is the event that the client has already: it tells whether that was the end.
        follower.start_after(number_of(missed[-1][0]))
        return b"".join(chunk for _, chunk in missed[1:]), _is_done(missed[-1][1])

    async def _relay(self, stream: _Stream, receive: Receive, send: Send) -> None:
        """Hand on what comes until the session ends, the client leaves or its right is gone."""
        follower = stream.follower
        gone = asyncio.ensure_future(_disconnected(receive))
        gone.add_done_callback(lambda _: follower.close())
        self._streams.add(stream)
        try:
            while True:
                await follower.wait()
                if follower.dropped or gone.done():
                    return
                if follower.needs_snapshot:
                    try:
                        chunk, ended = await _fresh(follower, stream.ticket.session_id)
                    except _OUTAGES:
                        return  # the client connects again, and begins where it was
                else:
                    chunk = follower.take()
                    ended = _is_done(chunk)
                if chunk:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                    stream.unmetered += len(chunk)
                if ended or follower.closing:
                    return
        finally:
            self._streams.discard(stream)
            gone.cancel()

    def _started(self) -> Hub:
        if self._hub is None:
            pool = BlockingConnectionPool.from_url(
                settings.REDIS_URL,
                max_connections=MOST_CONNECTIONS,
                timeout=CONNECTION_SECONDS,
                socket_connect_timeout=2,
            )
            self._hub = Hub(Redis.from_pool(pool))  # closing the client closes its pool
            self._keeper = asyncio.create_task(self._keep(), name="stream-keeper")
        return self._hub

    async def _keep(self) -> None:
        """Every tick: heartbeats, old streams ended, rights and seats asked for again."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            streams = list(self._streams)
            for stream in streams:
                stream.follower.beat(b": still here\n\n")
                if time.monotonic() - stream.opened > LONGEST_SECONDS:
                    stream.follower.close()
            try:
                await self._recheck(streams)
            except Exception:  # whatever is wrong this time: without the keeper no stream would ever end
                logger.warning("The rights of %d streams could not be asked for", len(streams), exc_info=True)

    async def _recheck(self, streams: list[_Stream]) -> None:
        if not streams or self._hub is None:
            return
        await _meter(self._hub, streams)
        tickets = {stream.ticket for stream in streams}
        standing = await _ask(lambda: access.recheck(tickets))
        for stream in streams:
            if stream.ticket in standing.valid:
                await seats.take(
                    self._hub.client,
                    user_id=stream.ticket.user_id,
                    seat=stream.seat,
                    most=settings.STREAMS_PER_USER,
                )
            else:
                stream.follower.close()
        for session_id, (stamp, ended) in standing.stamps.items():
            await _ask(partial(publish.resync, session_id=session_id, stamp=stamp, ended=ended))


async def _authorised(session_id: uuid.UUID, headers: dict[str, str]) -> access.Ticket:
    try:
        return await _ask(
            lambda: access.authorise(
                session_id=session_id,
                cookie=headers.get("cookie", ""),
                authorization=headers.get("authorization", ""),
            )
        )
    except access.NotSignedIn:
        raise Refusal(401, "not_authenticated", "Sign in to follow a session.") from None
    except access.NothingThere:
        raise Refusal(404, "not_found", "There is nothing here that you may see.") from None
    except DomainError as error:
        raise Refusal(error.status, error.code, error.message, details=error.details) from None


async def _fresh(follower: Follower, session_id: uuid.UUID) -> tuple[bytes, bool]:
    """Return a snapshot as an event (and the end, where that was reached), and continue after it."""
    follower.needs_snapshot = False
    try:
        taken = await _ask(lambda: snapshot.take(session_id))
    except Session.DoesNotExist:
        return b"", True
    follower.start_after(taken.number)
    chunk = _event(taken.number, "snapshot", taken.data)
    if taken.ended:
        state = taken.data["session"]
        ending = {key: state[key] for key in ("status", "reason_code", "reason")}
        chunk += _event(taken.number, "done", ending)
    return chunk, taken.ended


async def _ask(question: Callable[[], Any]) -> Any:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(access.threads(), access.with_connection, question)


async def _meter(hub: Hub, streams: list[_Stream]) -> None:
    """Tell the meter what went out; where it is away, the bytes wait for the next time."""
    # Taken before the meter is waited for: a stream that ends meanwhile tells only what it sent since.
    taken = [(stream, stream.unmetered) for stream in streams if stream.unmetered]
    for stream, _ in taken:
        stream.unmetered = 0
    try:
        async with hub.client.pipeline(transaction=True) as pipe:
            for stream, size in taken:
                field = bandwidth.field(user_id=stream.ticket.user_id, endpoint=ENDPOINT)
                pipe.hincrby(bandwidth.OPEN, field, size)
            await pipe.execute()
    except redis.RedisError:
        for stream, size in taken:
            stream.unmetered += size


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _last_event(headers: dict[str, str]) -> int:
    given = headers.get("last-event-id", "")
    return int(given) if given.isdecimal() and len(given) < 20 else 0


def _is_done(chunk: bytes) -> bool:
    return b"\nevent: done\n" in chunk


def _event(number: int, kind: str, data: Any) -> bytes:
    return f"id: {number}\nevent: {kind}\ndata: {publish.encoded(data)}\n\n".encode()


async def _refuse(send: Send, refusal: Refusal) -> None:
    error = {"code": refusal.code, "message": refusal.message, "details": refusal.details}
    body = json.dumps({"error": error}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"cache-control", b"no-store"),
        (b"content-length", str(len(body)).encode()),
        *((name.encode(), value.encode()) for name, value in refusal.headers.items()),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
