"""A file that is made while it is sent: piece by piece, in as little memory as its largest piece."""

from collections.abc import AsyncIterator, Iterable, Iterator

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import StreamingHttpResponse

_PIECE = 64 * 1024


class Download(StreamingHttpResponse):
    """Sends `parts` as the file `name`; under ASGI too, where Django would gather an iterator first.

    A pooled connection to the database is given back between the pieces: a slow reader holds none.
    """

    def __init__(self, parts: Iterable[bytes], *, name: str, content_type: str) -> None:
        super().__init__(_pieces(parts), content_type=content_type)
        self["Content-Disposition"] = f'attachment; filename="{name}"'
        self["Cache-Control"] = "no-store"

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._one_by_one()

    async def _one_by_one(self) -> AsyncIterator[bytes]:
        pieces = iter(self)
        while piece := await sync_to_async(lambda: next(pieces, b""))():
            yield piece


def _pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Join parts to pieces worth sending."""
    kept = bytearray()
    for part in parts:
        kept += part
        if len(kept) >= _PIECE:
            yield bytes(kept)
            kept.clear()
            close_old_connections()
    if kept:
        yield bytes(kept)
