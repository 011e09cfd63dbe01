"""Cuts request bodies that are too large, before Django keeps them in memory or on disk."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from asgiref.sync import sync_to_async
from csp.utils import build_policy
from django.conf import settings
from django.template.loader import render_to_string

from config import bodies
from config.bodies import Allowance
from config.common.api import error_body
from config.common.errors import TooLarge
from orchestration.streaming.access import with_connection

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LINGER_SECONDS = 5.0
LINGER_BYTES = 32 * 1024 * 1024
"""What a refused client still sends is thrown away so long, so that it reads the answer: a connection that is
closed at once would take the answer with it."""


class BodyLimit:
    """The ASGI application before Django's: answers 413 to a body that is too large, announced or not."""

    def __init__(self, inner: App) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; cut it where its body exceeds what its sender may bring there."""
        headers: Mapping[bytes, bytes] = dict(scope["headers"]) if scope["type"] == "http" else {}
        chunked, announced = b"transfer-encoding" in headers, _announced(headers)
        if not chunked and not announced:
            await self.inner(scope, receive, send)
            return
        allowed = await _allowance(scope["path"], headers)
        if announced > allowed.limit:
            await _refuse(scope, headers, await _asked(allowed.refusal, announced), receive, send)
        elif chunked:
            await self._counted(scope, headers, allowed, receive, send)
        else:
            await self.inner(scope, receive, send)  # the server holds the client to what it announced

    async def _counted(
        self, scope: Scope, headers: Mapping[bytes, bytes], allowed: Allowance, receive: Receive, send: Send
    ) -> None:
        """Count the body as it comes; above the limit the application sees its client leave."""
        seen, answered = 0, False

        async def counting() -> Message:
            nonlocal seen
            if seen > allowed.limit:
                return {"type": "http.disconnect"}
            message = await receive()
            seen += len(message.get("body", b""))
            return message if seen <= allowed.limit else {"type": "http.disconnect"}

        async def answering(message: Message) -> None:
            nonlocal answered
            if answered or seen <= allowed.limit:
                answered = True
                await send(message)

        await self.inner(scope, counting, answering)
        if seen > allowed.limit and not answered:
            await _refuse(scope, headers, await _asked(allowed.refusal, seen), receive, send)


def _announced(headers: Mapping[bytes, bytes]) -> int:
    """Return the length that the request says it has; 0 where it says none."""
    length = headers.get(b"content-length", b"")
    return int(length) if length.isdigit() else 0


async def _allowance(path: str, headers: Mapping[bytes, bytes]) -> Allowance:
    if bodies.is_upload(path, headers):
        found: Allowance = await _asked(bodies.for_upload, headers)
        return found
    return bodies.ordinary(path)


async def _asked(question: Callable[[Any], Any], about: Any) -> Any:
    """Return the answer to a question that may need the database, asked in a thread."""
    return await sync_to_async(with_connection, thread_sensitive=False)(lambda: question(about))


async def _refuse(
    scope: Scope, headers: Mapping[bytes, bytes], error: TooLarge, receive: Receive, send: Send
) -> None:
    """Answer in the shape of the API or of a page, then let go of the client."""
    kind, body = _answer(error, is_api=scope["path"].startswith("/api/v1/"), is_part=b"hx-request" in headers)
    answer = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", settings.SECURE_REFERRER_POLICY.encode()),
        (b"content-security-policy", build_policy().encode()),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": answer})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    rest, more = LINGER_BYTES, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while more and rest > 0:
                message = await receive()
                rest -= len(message.get("body", b""))
                more = bool(message.get("more_body"))
    await send({"type": "http.response.body", "body": b""})


def _answer(error: TooLarge, *, is_api: bool, is_part: bool) -> tuple[bytes, bytes]:
    """Return the type and the text of the answer: to a program, to htmx, or to a browser."""
    if is_api:
        return b"application/json", json.dumps(error_body(error.code, error.message, error.details)).encode()
    template = "components/refusal.html" if is_part else "413.html"
    return b"text/html; charset=utf-8", render_to_string(template, {"error": error}).encode()
