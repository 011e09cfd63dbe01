"""Alignment of two sequences in near linear time: unique common items first, then what lies between."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from objects.effort import Effort

Block = tuple[bool, int, int, int, int]
"""`(same, i1, i2, j1, j2)`: a[i1:i2] stands against b[j1:j2]; equal items when `same`."""

_EXACT_CELLS = 40_000
"""A gap without unique items is compared exactly up to this many cells; beyond it is one replacement."""

_CELLS_A_STEP = 5
"""So many pairs of items are looked at in the time of one step."""


def align(a: Sequence[str], b: Sequence[str], effort: Effort) -> list[Block]:
    """Return blocks that cover both sequences in order; neighbouring blocks differ in kind.

    What `effort` no longer affords to look into is one replacement; both sides are covered all the same.
    """
    blocks: list[Block] = []
    for same, i1, i2, j1, j2 in _walk(a, b, effort):
        if i1 == i2 and j1 == j2:
            continue
        if blocks and blocks[-1][0] == same:
            blocks[-1] = (same, blocks[-1][1], i2, blocks[-1][3], j2)
        else:
            blocks.append((same, i1, i2, j1, j2))
    return blocks


def _walk(a: Sequence[str], b: Sequence[str], effort: Effort) -> Iterator[Block]:
    """Yield the blocks in order, from a stack of gaps instead of recursion."""
    gaps: list[tuple[bool, int, int, int, int]] = [(False, 0, len(a), 0, len(b))]
    while gaps:
        known, i1, i2, j1, j2 = gaps.pop()
        if known:
            yield True, i1, i2, j1, j2
            continue
        head = _shared_head(a, b, i1, i2, j1, j2)
        yield True, i1, i1 + head, j1, j1 + head
        i1, j1 = i1 + head, j1 + head
        tail = _shared_tail(a, b, i1, i2, j1, j2)
        if tail:
            gaps.append((True, i2 - tail, i2, j2 - tail, j2))
        i2, j2 = i2 - tail, j2 - tail
        if i1 == i2 or j1 == j2 or not effort.affords(i2 - i1 + j2 - j1):
            yield False, i1, i2, j1, j2
            continue
        anchors = _anchors(a, b, i1, i2, j1, j2)
        if not anchors:
            yield from _small(a, b, i1, i2, j1, j2, effort)
            continue
        ends = [*anchors, (i2, j2)]
        starts = [(i1, j1), *anchors]
        gaps.extend(
            (False, si, ei, sj, ej) for (si, sj), (ei, ej) in reversed(list(zip(starts, ends, strict=True)))
        )


def _shared_head(a: Sequence[str], b: Sequence[str], i1: int, i2: int, j1: int, j2: int) -> int:
    """Count the equal items at the start."""
    count = 0
    for left, right in zip(range(i1, i2), range(j1, j2), strict=False):
        if a[left] != b[right]:
            break
        count += 1
    return count


def _shared_tail(a: Sequence[str], b: Sequence[str], i1: int, i2: int, j1: int, j2: int) -> int:
    """Count the equal items at the end."""
    count = 0
    while count < min(i2 - i1, j2 - j1) and a[i2 - 1 - count] == b[j2 - 1 - count]:
        count += 1
    return count


def _anchors(a: Sequence[str], b: Sequence[str], i1: int, i2: int, j1: int, j2: int) -> list[tuple[int, int]]:
    """Return the longest ascending chain of items that occur exactly once on both sides."""
    in_a, in_b = Counter(a[i1:i2]), Counter(b[j1:j2])
    place = {b[j]: j for j in range(j1, j2) if in_b[b[j]] == 1}
    pairs = [(i, place[a[i]]) for i in range(i1, i2) if in_a[a[i]] == 1 and a[i] in place]
    tails: list[int] = []
    last: list[int] = []
    previous: list[int] = []
    for index, (_, j) in enumerate(pairs):
        length = bisect_left(tails, j)
        previous.append(last[length - 1] if length else -1)
        if length == len(tails):
            tails.append(j)
            last.append(index)
        else:
            tails[length], last[length] = j, index
    chain: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        chain.append(pairs[index])
        index = previous[index]
    return chain[::-1]


def _small(
    a: Sequence[str], b: Sequence[str], i1: int, i2: int, j1: int, j2: int, effort: Effort
) -> Iterator[Block]:
    """Compare exactly what is small, and replace the rest as a whole."""
    if (i2 - i1) * (j2 - j1) > _EXACT_CELLS:
        yield False, i1, i2, j1, j2
        return
    matcher = SequenceMatcher(None, a[i1:i2], b[j1:j2], autojunk=False)
    gaps = [(False, 0, i2 - i1, 0, j2 - j1)]
    while gaps:
        same, x1, x2, y1, y2 = gaps.pop()
        cells = (x2 - x1) * (y2 - y1)
        if same or not cells or not effort.affords(1 + cells // _CELLS_A_STEP):
            yield same, i1 + x1, i1 + x2, j1 + y1, j1 + y2
            continue
        x, y, size = matcher.find_longest_match(x1, x2, y1, y2)
        if not size:
            yield False, i1 + x1, i1 + x2, j1 + y1, j1 + y2
            continue
        gaps.append((False, x + size, x2, y + size, y2))
        gaps.append((True, x, x + size, y, y + size))
        gaps.append((False, x1, x, y1, y))
