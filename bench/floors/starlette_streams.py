"""The floor under our streams: Starlette's own streaming response over the product's hub, and nothing else.

No sign-in, no snapshot, no limits. Served by the product's interpreter; Starlette comes by PYTHONPATH.
"""

import os
import uuid
from collections.abc import AsyncIterator

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from orchestration.streaming.hub import Hub

_hubs: list[Hub] = []


async def events(request: Request) -> StreamingResponse:
    """Follow a session."""
    if not _hubs:
        _hubs.append(Hub(Redis.from_url(os.environ["REDIS_URL"])))
    return StreamingResponse(
        _events(_hubs[0], request.path_params["session"]), media_type="text/event-stream"
    )


async def _events(hub: Hub, session: uuid.UUID) -> AsyncIterator[bytes]:
    async with hub.follow(session) as follower:
        yield b"retry: 1000\n\n"
        while not follower.dropped:
            await follower.wait()
            yield follower.take()


application = Starlette(routes=[Route("/api/v1/sessions/{session:uuid}/events", events)])
