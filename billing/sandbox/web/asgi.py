"""The application that uvicorn serves; it can cut a connection instead of answering."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

from billing.sandbox.api.operations import CUT_HEADER

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_CUT = CUT_HEADER.lower().encode()


class Cutting:
    """Passes requests on; where the answer says so, the connection ends before the answer's first byte."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer, or cut."""
        cut = False

        async def passing(message: Message) -> None:
            nonlocal cut
            if message["type"] == "http.response.start":
                cut = any(name.lower() == _CUT for name, _ in message["headers"])
                if cut:
                    # The server's own cycle of this request: ASGI itself has no word for hanging up.
                    send.__self__.transport.abort()  # type: ignore[attr-defined]
                    await asyncio.sleep(0.01)
            if not cut:
                await send(message)

        await self._application(scope, receive, passing)


application = Cutting(get_asgi_application())
