"""Who wrote which words of a text: each character traced through the versions to the one that brought it."""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from objects.diffing import Change, Same, compare

UNKNOWN = 0
"""The origin of what stood there before the first version that is still kept."""
_PARAGRAPH = re.compile(r"\S(?:.*?\S)??(?=\s*(?:\n[ \t]*\n|\Z))", re.DOTALL)
_WORD = re.compile(r"\w")
_LEAST_MOVED = 40
"""A paragraph this long that goes in one place and comes in another was moved, not written anew."""

Run = tuple[int, int]
"""So many characters, and the number of the version that brought them."""


@dataclass(frozen=True, slots=True)
class Text:
    """A version as it stood; `base` is the version it was made from, None for a first one."""

    number: int
    base: int | None
    body: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """The origins of a text's characters, in order, and how much each version of its chain wrote.

    `written` counts characters that are not white space: what is left of a version's writing in the text is
    never more than that.
    """

    runs: tuple[Run, ...]
    written: dict[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of one author that stand together in one paragraph: characters `start` to `end` of the text.

    `weight` counts the characters of it, without white space, that its author wrote; `versions` brought them.
    """

    number: int
    start: int
    end: int
    who: Hashable
    versions: tuple[int, ...]
    weight: int


def trace(chain: Iterable[Text]) -> Provenance:
    """Trace the last text of `chain`: from the oldest version kept to it, each made from the one before.

    What a version shares with its base keeps its origin, a paragraph that moved as a whole too; the rest is
    the version's own. A restored version is made from the one it restores, and so brings nothing.
    """
    runs: list[Run] = []
    written: dict[int, int] = {}
    before = ""
    for place, text in enumerate(chain):
        if place:
            runs, written[text.number] = _step(runs, before, text)
        else:
            origin = text.number if text.base is None else UNKNOWN
            runs, written[origin] = [(len(text.body), origin)], weigh(text.body)
        before = text.body
    return Provenance(tuple(runs), written)


def passages(body: str, runs: Sequence[Run], who: Callable[[int], Hashable]) -> list[Passage]:
    """Cut `body` into passages; `who` names a version's author. White space belongs to no passage."""
    origins = _Origins(runs)
    found = [
        part
        for paragraph in _PARAGRAPH.finditer(body)
        for part in _parts(body, origins.between(*paragraph.span()), who)
    ]
    return [
        Passage(number, part.start, part.end, part.who, tuple(sorted(part.versions)), part.weight)
        for number, part in enumerate(found, start=1)
    ]


def weigh(text: str) -> int:
    """Return how many characters of `text` are not white space."""
    return sum(map(len, text.split()))


class _Origins:
    """Runs that can be asked for any stretch of their text."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs
        self._ends = list(accumulate(length for length, _ in runs))

    def between(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield `(start, length, version)` of every run inside `start` to `end`, cut to it."""
        index = bisect_right(self._ends, start)
        while start < end:
            stop = min(self._ends[index], end)
            yield start, stop - start, self._runs[index][1]
            start, index = stop, index + 1


@dataclass(slots=True)
class _Part:
    """A passage that is being put together."""

    start: int
    end: int
    who: Hashable
    versions: set[int]
    weight: int
    has_words: bool


def _parts(body: str, origins: Iterable[tuple[int, int, int]], who: Callable[[int], Hashable]) -> list[_Part]:
    """Join the runs of a paragraph by author; a mere mark of punctuation goes with the words beside it.

    It goes without its weight, which stays with the one who set it.
    """
    parts: list[_Part] = []
    for at, length, version in origins:
        text = body[at : at + length]
        if not text.strip():
            continue
        start, end = at + length - len(text.lstrip()), at + len(text.rstrip())
        part = _Part(start, end, who(version), {version}, weigh(text), bool(_WORD.search(text)))
        last = parts[-1] if parts else None
        if last and last.who == part.who:
            last.end, last.weight = end, last.weight + part.weight
            last.versions.add(version)
            last.has_words |= part.has_words
        elif last and not part.has_words:
            last.end = end
        elif last and not last.has_words:
            part.start = last.start
            parts[-1] = part
        else:
            parts.append(part)
    return parts


def _step(runs: list[Run], before: str, text: Text) -> tuple[list[Run], int]:
    """Return the runs of `text`, made from `before` with `runs`, and how much of it is its own."""
    origins, diff = _Origins(runs), compare(before, text.body)
    moved = _leaving(diff.changes)
    result: list[Run] = []
    own = at = 0
    for piece in diff.pieces:
        if isinstance(piece, Same):
            _extend(result, origins, at, at + len(piece.text))
            at += len(piece.text)
        else:
            own += _arrive(result, origins, piece.new, text.number, moved)
            at += len(piece.old)
    return result, own


def _leaving(changes: Sequence[Change]) -> dict[str, deque[int]]:
    """Return where paragraphs stood that the changes take away, by their text."""
    places: dict[str, deque[int]] = {}
    for change in changes:
        for found in _PARAGRAPH.finditer(change.old):
            if len(found[0]) >= _LEAST_MOVED:
                places.setdefault(found[0], deque()).append(change.at + found.start())
    return places


def _arrive(result: list[Run], origins: _Origins, new: str, number: int, moved: dict[str, deque[int]]) -> int:
    """Append what a change brings, paragraphs that only moved with their origins; return how much is new."""
    own = at = 0
    for found in _PARAGRAPH.finditer(new):
        if not moved.get(found[0]):
            continue
        own += weigh(new[at : found.start()])
        _append(result, found.start() - at, number)
        place = moved[found[0]].popleft()
        _extend(result, origins, place, place + len(found[0]))
        at = found.end()
    _append(result, len(new) - at, number)
    return own + weigh(new[at:])


def _extend(result: list[Run], origins: _Origins, start: int, end: int) -> None:
    for _, length, version in origins.between(start, end):
        _append(result, length, version)


def _append(result: list[Run], length: int, version: int) -> None:
    """Append a run, joined with the last one where both have one origin."""
    if length and result and result[-1][1] == version:
        result[-1] = (result[-1][0] + length, version)
    elif length:
        result.append((length, version))
