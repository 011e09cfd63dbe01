"""The built-in analyst as a provider: no key, no network, the same answer to the same material."""

import time
from collections.abc import Iterator

from django.conf import settings

from orchestration.material import GivenFinding, Material
from orchestration.providers.base import Cancellation, Delta, ProviderRequest, Usage
from orchestration.providers.house.request import FindingIn, HouseRequest
from orchestration.providers.house.voice import answer
from orchestration.workflow.tokens import BYTES_PER_TOKEN, estimate

_TICK_SECONDS = 0.04


class House:
    """Text analysis that answers in the format every provider uses."""

    name = "house"

    def stream(self, request: ProviderRequest) -> Iterator[Delta | Usage]:
        """Yield the analyst's answer after `request.prefix`, at a pace a person can follow."""
        written: list[str] = []
        room = request.max_tokens * BYTES_PER_TOKEN
        truncated = False
        pieces = _after(request.prefix, answer(house_request(request.material)))
        for piece in _paced(pieces, request.cancellation):
            room -= len(piece.encode())
            if room < 0:
                truncated = True
                break
            written.append(piece)
            yield Delta(piece)
        yield Usage(
            tokens_in=tokens_read(request.material),
            tokens_out=estimate("".join(written)),
            truncated=truncated,
        )


def house_request(material: Material) -> HouseRequest:
    """Return `material` in the analyst's terms."""
    return HouseRequest(
        role=material.role,
        document=material.document,
        instructions=material.instructions,
        criteria=tuple(criterion.name for criterion in material.criteria),
        findings=tuple(map(_finding, material.findings)),
        round=material.round,
        note="\n".join(material.notes),
    )


def _finding(given: GivenFinding) -> FindingIn:
    return FindingIn(
        id=str(given.number),
        category=given.category,
        severity=given.severity,
        message=given.message,
        quote=given.quote,
        start=-1 if given.start is None else given.start,
        end=-1 if given.end is None else given.end,
        suggestion=given.suggestion or None,
        decision=given.decision,
    )


def tokens_read(material: Material) -> int:
    """Return the tokens of what the analyst reads: the document and the findings given with it."""
    findings = sum(estimate(f.message + f.quote + f.suggestion) for f in material.findings)
    return estimate(material.document) + findings


def _after(prefix: str, pieces: Iterator[str]) -> Iterator[str]:
    """Yield `pieces` without their first `len(prefix)` characters."""
    left = len(prefix)
    for piece in pieces:
        if left >= len(piece):
            left -= len(piece)
            continue
        yield piece[left:]
        left = 0


def _paced(pieces: Iterator[str], cancellation: Cancellation) -> Iterator[str]:
    """Yield `pieces` in small ones, HOUSE_WORDS_PER_SECOND; whole and at once where that is 0."""
    pace = settings.HOUSE_WORDS_PER_SECOND
    if not pace:
        for piece in pieces:
            if cancellation.cancelled:
                return
            yield piece
        return
    begun, words = time.monotonic(), 0
    for piece in pieces:
        for part in _words(piece, max(1, round(pace * _TICK_SECONDS))):
            words += part.count(" ") + 1
            if cancellation.wait(max(0.0, begun + words / pace - time.monotonic())):
                return
            yield part


def _words(text: str, count: int) -> Iterator[str]:
    """Yield `text` in parts of about `count` words."""
    start = 0
    while start < len(text):
        end = start
        for _ in range(count):
            end = text.find(" ", end) + 1
            if not end:
                end = len(text)
                break
        yield text[start:end]
        start = end
