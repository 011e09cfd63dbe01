"""Counts the bytes of what is downloaded."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from credits import bandwidth


class BandwidthMiddleware:
    """Meters every response to a signed-in user that is a file to keep."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = self.get_response(request)
        if not response.get("Content-Disposition", "").startswith("attachment"):
            return response
        # Asked for only now: the API tells who is signed in while it answers.
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return response
        match = request.resolver_match
        meter = _Meter(user.pk, match.view_name if match else "")
        if isinstance(response, StreamingHttpResponse):
            content = response.streaming_content
            response.streaming_content = (
                meter.over_async(content) if isinstance(content, AsyncIterable) else meter.over(content)
            )
        elif isinstance(response, HttpResponse):
            meter.add(len(response.content))
        return response


class _Meter:
    def __init__(self, user_id: UUID, endpoint: str) -> None:
        self.user_id, self.endpoint = user_id, endpoint[:80]

    def add(self, size: int) -> None:
        bandwidth.note(user_id=self.user_id, endpoint=self.endpoint, size=size)

    def over(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """Hand on, and add what went out, also where the reader leaves early."""
        sent = 0
        try:
            for chunk in content:
                sent += len(chunk)
                yield chunk
        finally:
            self.add(sent)

    async def over_async(self, content: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        sent = 0
        try:
            async for chunk in content:
                sent += len(chunk)
                yield chunk
        finally:
            self.add(sent)
