"""Which paragraphs of two texts belong together: kept, changed, split, joined, gone or new."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from objects.alignment import align
from objects.effort import Effort

Section = tuple[str, str]
"""Paragraphs of the old text against those of the new that they became; one side is empty for none."""

_PARAGRAPH = re.compile(r".*?(?:\n[ \t]*\n\s*|\Z)", re.DOTALL)
_WORD = re.compile(r"\w+")

_OF_THE_LONGER = 0.3
_OF_THE_SHORTER = 0.7
"""Two paragraphs belong together when they share this much of their words: of the longer one, where it was
edited, or of the shorter one, where it was split or joined."""

_STEPS_A_PARAGRAPH = 20
"""What looking at one paragraph by itself takes, however short it is."""


def sections(old: str, new: str, effort: Effort) -> list[Section]:
    """Part two texts into what belongs together; the sides joined give both texts, exactly.

    A paragraph that went or came is a section of its own, with the blank lines that part it from the text.
    """
    a, b = _paragraphs(old), _paragraphs(new)
    found: list[Section] = []
    for same, i1, i2, j1, j2 in align([part.rstrip() for part in a], [part.rstrip() for part in b], effort):
        gap = (a[i1:i2], b[j1:j2])
        found.extend(zip(*gap, strict=True) if same else _linked(*gap, effort))
    return _with_leading_breaks(found)


def _paragraphs(text: str) -> list[str]:
    """Split into paragraphs that keep the blank lines behind them."""
    return [part for part in _PARAGRAPH.findall(text) if part]


def _linked(a: Sequence[str], b: Sequence[str], effort: Effort) -> Iterator[Section]:
    """Part what lies between two kept paragraphs; too many of them stay one section."""
    if len(a) == len(b) == 1:
        yield a[0], b[0]
        return
    if not effort.affords(_STEPS_A_PARAGRAPH * (len(a) + len(b))):
        yield "".join(a), "".join(b)
        return
    i = j = 0
    for i1, i2, j1, j2 in _kin(a, b, effort):
        yield from _unlike(a[i:i1], b[j:j1])
        yield "".join(a[i1:i2]), "".join(b[j1:j2])
        i, j = i2, j2
    yield from _unlike(a[i:], b[j:])


def _unlike(a: Sequence[str], b: Sequence[str]) -> Iterator[Section]:
    """Set paragraphs that share nothing against each other, one by one."""
    for number in range(max(len(a), len(b))):
        yield a[number] if number < len(a) else "", b[number] if number < len(b) else ""


def _kin(a: Sequence[str], b: Sequence[str], effort: Effort) -> list[tuple[int, int, int, int]]:
    """Return the ranges of paragraphs that belong together, in order on both sides; none of too many."""
    a_words, b_words = _words(a), _words(b)
    if not effort.affords(len(a_words) + len(b_words)):
        return []
    shared: Counter[tuple[int, int]] = Counter()
    for same, i1, i2, j1, _ in align([word for word, _ in a_words], [word for word, _ in b_words], effort):
        if same:
            for step in range(i2 - i1):
                word, i = a_words[i1 + step]
                shared[i, b_words[j1 + step][1]] += len(word)
    a_size, b_size = _sizes(a_words), _sizes(b_words)
    ranges: list[tuple[int, int, int, int]] = []
    for (i, j), size in shared.items():  # in the order of the texts, as the words were
        sizes = a_size[i], b_size[j]
        if size < _OF_THE_LONGER * max(sizes) and size < _OF_THE_SHORTER * min(sizes):
            continue
        if ranges and (i < ranges[-1][1] or j < ranges[-1][3]):
            first = ranges.pop()
            ranges.append((first[0], i + 1, first[2], j + 1))
        else:
            ranges.append((i, i + 1, j, j + 1))
    return ranges


def _words(paragraphs: Sequence[str]) -> list[tuple[str, int]]:
    """Return every word with the number of its paragraph."""
    return [(word, number) for number, text in enumerate(paragraphs) for word in _WORD.findall(text)]


def _sizes(words: Sequence[tuple[str, int]]) -> Counter[int]:
    """Return the letters of each paragraph's words."""
    sizes: Counter[int] = Counter()
    for word, number in words:
        sizes[number] += len(word)
    return sizes


def _with_leading_breaks(found: list[Section]) -> list[Section]:
    """Let paragraphs that end one of the texts only carry the blank lines before them, not those behind.

    Else the last paragraph that stays would change too, by the blank lines behind it.
    """
    for side in (0, 1):
        first = len(found)
        while first and not found[first - 1][1 - side]:
            first -= 1
        if not 0 < first < len(found):
            continue
        stays = found[first - 1]
        breaks = [_break(stays[side])] if not _break(stays[1 - side]) else [""]
        if not breaks[0]:
            continue
        found[first - 1] = _pair(side, stays[side].removesuffix(breaks[0]), stays[1 - side])
        for number in range(first, len(found)):
            text, last = found[number][side], number == len(found) - 1
            breaks.append("" if last else _break(text))
            found[number] = _pair(side, breaks[-2] + text.removesuffix(breaks[-1]), "")
    return found


def _break(text: str) -> str:
    """Return the white space at the end of `text`."""
    return text[len(text.rstrip()) :]


def _pair(side: int, text: str, other: str) -> Section:
    return (text, other) if side == 0 else (other, text)
