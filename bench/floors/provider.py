"""A model provider's stand-in: OpenAI's streaming protocol, each answer beginning with the time it was sent.

The first piece carries the monotonic clock of this machine, so that whoever reads it knows its way's length.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

THINKS_SECONDS = 0.3
PIECES = 50
PACE_SECONDS = 0.1
TAIL = (
    "\n</document>\n<summary>Revised it.</summary>\n"
    '<evaluation>{"scores": {"clarity": {"score": 8, "reason": "fine"}}}</evaluation>'
)

Message = MutableMapping[str, Any]


async def application(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer every POST with a stream of pieces."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["method"] != "POST":
        await send({"type": "http.response.body", "body": b""})
        return

    async def piece(delta: dict[str, str], **more: Any) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": more.pop("finish", None)}
        event = {
            "id": "bench", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini",
            "choices": [choice], **more,
        }  # fmt: skip
        body = f"data: {json.dumps(event)}\n\n".encode()
        await send({"type": "http.response.body", "body": body, "more_body": True})

    await asyncio.sleep(THINKS_SECONDS)
    await piece({"content": f"<document>\nsent={time.monotonic():.6f}; "})
    for _ in range(PIECES):
        await asyncio.sleep(PACE_SECONDS)
        await piece({"content": "word "})
    await piece({"content": TAIL})
    usage = {"prompt_tokens": 100, "completion_tokens": PIECES, "total_tokens": 100 + PIECES}
    await piece({}, finish="stop", usage=usage)
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})
