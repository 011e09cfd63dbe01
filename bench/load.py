"""A small HTTP load: keep-alive connections that ask for one page as fast as it comes."""

import asyncio
import time


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lowered = head.lower()
    if b"content-length:" in lowered:
        length = int(lowered.split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
    else:
        while size := int((await reader.readline()).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return status


async def _worker(host: str, port: int, request: bytes, until: float, counts: list[int]) -> None:
    reader, writer = await asyncio.open_connection(host, port, limit=2**22)
    try:
        while time.perf_counter() < until:
            if await _ask(reader, writer, request) != 200:
                raise RuntimeError("the page did not answer 200")
            counts[0] += 1
    finally:
        writer.close()


async def _run(port: int, request: bytes, connections: int, seconds: float) -> float:
    counts = [0]
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_worker("127.0.0.1", port, request, begin + seconds, counts))
    return counts[0] / (time.perf_counter() - begin)


def requests_per_second(
    *, port: int, path: str, cookie: str, connections: int = 8, seconds: float = 3.0
) -> float:
    """Return how many times a second `path` on loopback answers 200 to `connections` clients."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n"
    ).encode()
    return asyncio.run(_run(port, request, connections, seconds))
