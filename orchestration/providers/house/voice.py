"""House's answers as streams of text: the same request always gives the same pieces."""

from collections.abc import Iterator

from orchestration.providers.house import editor as _editor
from orchestration.providers.house import synthesizer as _synthesizer
from orchestration.providers.house import wire
from orchestration.providers.house import writer as _writer
from orchestration.providers.house.request import FindingIn, HouseRequest

__all__ = ["FindingIn", "HouseRequest", "answer", "editor", "synthesizer", "writer"]


def writer(request: HouseRequest) -> Iterator[str]:
    """Stream `<document>…</document>`, `<summary>…</summary>` and `<evaluation>…</evaluation>`."""
    yield from wire.pieces(_writer.answer(request))


def editor(request: HouseRequest) -> Iterator[str]:
    """Stream a commentary, `<findings>[…]</findings>` and `<evaluation>…</evaluation>`."""
    yield from wire.pieces(_editor.answer(request))


def synthesizer(request: HouseRequest) -> Iterator[str]:
    """Stream a brief for the Writer, `<resolutions>[…]</resolutions>` and `<evaluation>…</evaluation>`."""
    yield from wire.pieces(_synthesizer.answer(request))


def answer(request: HouseRequest) -> Iterator[str]:
    """Stream the answer of the request's role; a role of somebody's own is an editor."""
    if request.role == "writer":
        return writer(request)
    if request.role == "synthesizer":
        return synthesizer(request)
    return editor(request)
