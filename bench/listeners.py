"""Many readers of one event stream, on loopback: they count tokens and do nothing else."""

import asyncio
import time
from collections.abc import Callable
from typing import Self, cast

_TOKEN = b"event: token\n"
_TAIL = len(_TOKEN) - 1


class _Reader(asyncio.Protocol):
    def __init__(self, listeners: "Listeners", request: bytes) -> None:
        self.listeners, self.request = listeners, request
        self.tokens = 0
        self.opened = False
        self.transport: asyncio.Transport | None = None
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if not self.opened:
            self.opened = True
            self.listeners.open += 1
            if not data.startswith(b"HTTP/1.1 200"):
                self.listeners.refused = data[:300]
        data = self._tail + data
        found = data.count(_TOKEN)
        self._tail = data[-_TAIL:]
        self.tokens += found
        self.listeners.delivered += found

    def connection_lost(self, error: Exception | None) -> None:
        self.listeners.lost += 1


class Listeners:
    """`count` open streams of one path. Use as a context; run its coroutines in one event loop."""

    def __init__(self) -> None:
        self.readers: list[_Reader] = []
        self.open = self.delivered = self.lost = 0
        self.refused = b""

    async def connect(self, *, port: int, path: str, count: int, headers: str = "") -> Self:
        """Open the streams and return when each has begun to answer."""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n".encode()
        loop = asyncio.get_running_loop()
        wanted = len(self.readers) + count
        for _ in range(count):
            _, reader = await loop.create_connection(lambda: _Reader(self, request), "127.0.0.1", port)
            self.readers.append(reader)
        await self._until(lambda: self.open >= wanted, "the streams to open")
        return self

    async def deliveries_per_second(
        self, say: Callable[[], None], *, seconds: float, ahead: int = 8
    ) -> float:
        """Have `say` tell tokens, at most `ahead` of what every reader has; return what arrives a second."""
        count = len(self.readers)
        start = self.delivered
        before = [reader.tokens for reader in self.readers]
        said = 0
        begin = time.perf_counter()
        while (now := time.perf_counter()) < begin + seconds:
            if said * count - (self.delivered - start) < ahead * count:
                say()
                said += 1
            await asyncio.sleep(0)
        arrived = self.delivered - start
        await self._until(lambda: self.delivered - start >= said * count, "every token to arrive")
        got = {reader.tokens - had for reader, had in zip(self.readers, before, strict=True)}
        assert got == {said}, "every reader gets every token once"
        return arrived / (now - begin)

    def close(self) -> None:
        """Close all streams."""
        for reader in self.readers:
            if reader.transport:
                reader.transport.abort()

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            if self.refused or self.lost or time.monotonic() > deadline:
                raise RuntimeError(f"Waited for {what}: {self.open} open, {self.lost} lost, {self.refused!r}")
            await asyncio.sleep(0.01)
