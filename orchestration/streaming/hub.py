"""One reader of Valkey per process, handing out to everyone who follows a session.

Events come over a channel and carry the id of the event before: a gap is noticed and read from the stream;
where the stream itself has lost something, followers are told to start from a fresh snapshot.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import redis
from redis.asyncio import Redis

from orchestration.streaming import keys

logger = logging.getLogger(__name__)
MOST_WAITING_BYTES = 512 * 1024
"""A client that leaves more than this unread is dropped; it reconnects where it was."""
_RECONNECT_SECONDS = 0.5
_NOTHING_YET = "0-0"
_ALWAYS = "run:hub"


class Follower:
    """One client's queue of ready-made bytes."""

    __slots__ = ("_bytes", "_chunks", "_waiter", "after", "closing", "dropped", "needs_snapshot")

    def __init__(self) -> None:
        self.after = 0
        """Number of the last event the client has; only later ones are handed out."""
        self.needs_snapshot = False
        self.closing = False
        self.dropped = False
        self._chunks: deque[tuple[int, bytes]] = deque()
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None

    def push(self, number: int, chunk: bytes) -> None:
        """Queue event `number`, or give the client up when it reads too slowly."""
        if number <= self.after:
            return
        self._bytes += len(chunk)
        if self._bytes > MOST_WAITING_BYTES:
            self.dropped = True
            self._chunks.clear()
        else:
            self._chunks.append((number, chunk))
        self.wake()

    def beat(self, chunk: bytes) -> None:
        """Queue a heartbeat where nothing else is on its way."""
        if not self._chunks:
            self._chunks.append((self.after, chunk))
            self.wake()

    def start_after(self, number: int) -> None:
        """Hand out only what comes after event `number`, which the client has by other means."""
        self.after = number
        while self._chunks and self._chunks[0][0] <= number:
            self._bytes -= len(self._chunks.popleft()[1])

    def resync(self) -> None:
        """Forget what is queued: a fresh snapshot replaces it."""
        self.needs_snapshot = True
        self._chunks.clear()
        self._bytes = 0
        self.wake()

    def close(self) -> None:
        """End the stream after what is queued."""
        self.closing = True
        self.wake()

    def wake(self) -> None:
        """Let the one who waits look again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self) -> None:
        """Wait until there is something to do."""
        if self._chunks or self.needs_snapshot or self.closing or self.dropped:
            return
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def take(self) -> bytes:
        """Return everything queued as one piece."""
        if len(self._chunks) == 1:
            self.after, taken = self._chunks.popleft()
        else:
            taken = b"".join(chunk for _, chunk in self._chunks)
            self.after = self._chunks[-1][0] if self._chunks else self.after
            self._chunks.clear()
        self._bytes = 0
        return taken


class _Channel:
    """A followed session: who follows, and how far it was read."""

    __slots__ = ("cursor", "followers", "ready", "session_id")

    def __init__(self, session_id: UUID) -> None:
        self.session_id = session_id
        self.followers: set[Follower] = set()
        self.cursor = ""
        self.ready = asyncio.Event()


class Hub:
    """The process's one reader. Belongs to the event loop in which it is first used."""

    def __init__(self, client: "Redis") -> None:
        self.client = client
        self._pubsub = client.pubsub(ignore_subscribe_messages=False)
        self._channels: dict[str, _Channel] = {}
        self._reader: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def follow(self, session_id: UUID) -> AsyncIterator[Follower]:
        """Give a follower of the session: from now on no event escapes it. Raises RedisError."""
        channel = await self._open(session_id)
        follower = Follower()
        channel.followers.add(follower)
        try:
            yield follower
        finally:
            channel.followers.discard(follower)
            if not channel.followers:
                await self._drop(channel)

    async def backlog(self, session_id: UUID, number: int) -> list[tuple[str, bytes]] | None:
        """Return (stream id, bytes) of event `number` and all after it, or None where some may be gone."""
        return await self._from(session_id, keys.stream_id_of(number))

    async def close(self) -> None:
        """Stop reading."""
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        await self._pubsub.aclose()  # type: ignore[no-untyped-call]
        await self.client.aclose()

    async def _open(self, session_id: UUID) -> _Channel:
        name = keys.channel(session_id)
        channel = self._channels.get(name)
        if channel is None:
            channel = self._channels[name] = _Channel(session_id)
            if self._reader is None:
                # One subscription of its own keeps the connection in listening while nobody follows.
                await self._pubsub.subscribe(_ALWAYS)
                self._reader = asyncio.create_task(self._read(), name="stream-hub")
            await self._pubsub.subscribe(name)
        await asyncio.wait_for(channel.ready.wait(), timeout=5)
        return channel

    async def _drop(self, channel: _Channel) -> None:
        name = keys.channel(channel.session_id)
        if self._channels.get(name) is channel:
            del self._channels[name]
            with contextlib.suppress(redis.RedisError):
                await self._pubsub.unsubscribe(name)

    async def _read(self) -> None:
        """Read the channels for as long as the process lives; after a lost connection, catch up."""
        while True:
            try:
                message = await self._pubsub.get_message(timeout=None)
                if message is not None:
                    await self._heard(message)
            except (redis.RedisError, OSError):
                logger.warning("The stream hub lost Valkey; it connects again")
                await asyncio.sleep(_RECONNECT_SECONDS)

    async def _heard(self, message: dict[str, bytes | str | None]) -> None:
        name = message["channel"]
        assert isinstance(name, bytes)  # noqa: S101 - narrows for the type checker
        channel = self._channels.get(name.decode())
        if channel is None:
            return
        if message["type"] == "subscribe":
            # Also said again after each reconnection: whatever was missed meanwhile is read now.
            if channel.ready.is_set():
                await self._catch_up(channel)
            else:
                channel.cursor = await self._last(channel.session_id)
                channel.ready.set()
        elif message["type"] == "message" and isinstance(message["data"], bytes):
            event_id, before, kind, data = message["data"].split(b" ", 3)
            if before.decode() != channel.cursor:
                await self._catch_up(channel)
            else:
                self._hand_out(channel, event_id.decode(), _bytes(event_id.decode(), kind, data))

    async def _catch_up(self, channel: _Channel) -> None:
        if channel.cursor == await self._last(channel.session_id):
            return
        missed = await self._from(channel.session_id, channel.cursor)
        if missed is None:
            channel.cursor = await self._last(channel.session_id)
            for follower in channel.followers:
                follower.resync()
            return
        for event_id, chunk in missed[1:]:
            self._hand_out(channel, event_id, chunk)

    async def _from(self, session_id: UUID, cursor: str) -> list[tuple[str, bytes]] | None:
        """Return the stream from the event `cursor` on; None where that is no longer there."""
        entries: Any = await self.client.xrange(keys.events(session_id), min=cursor, max="+")
        if not entries or entries[0][0].decode() != cursor:
            return None
        return [
            (event_id.decode(), _bytes(event_id.decode(), fields[b"k"], fields[b"d"]))
            for event_id, fields in entries
        ]

    async def _last(self, session_id: UUID) -> str:
        """Return the stream id of the session's last event."""
        last: Any = await self.client.hget(keys.fence(session_id), "last")
        return last.decode() if last else _NOTHING_YET

    def _hand_out(self, channel: _Channel, event_id: str, chunk: bytes) -> None:
        channel.cursor = event_id
        number = keys.number_of(event_id)
        for follower in tuple(channel.followers):
            if chunk:
                follower.push(number, chunk)
            else:
                follower.resync()


def _bytes(event_id: str, kind: bytes, data: bytes) -> bytes:
    """Return an event as it goes over the wire; nothing for the one that asks for a fresh snapshot."""
    if kind == b"resync":
        return b""
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (keys.number_of(event_id), kind, data)
