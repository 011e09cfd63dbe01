"""What differs between two passages, word by word, in changes that a reader can judge."""

import re
from collections.abc import Iterator

from objects.alignment import align

Pair = tuple[str, str]
"""A stretch of the old passage against one of the new; shared text where both are equal."""

_TOKEN = re.compile(r"\w+|[^\S\n]+|\n|.", re.DOTALL)
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+")

_BRIDGE = 4
"""Equal text up to this many characters between two larger changes is read as part of one change."""

_KEPT_SHARE = 0.3
"""A rewritten line or sentence that keeps less than this of its text reads better as one replacement."""


def pairs_of(old: str, new: str) -> list[Pair]:
    """Compare two passages; the first parts joined give `old`, the second `new`, exactly."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    raw = [("".join(before[i1:i2]), "".join(after[j1:j2])) for _, i1, i2, j1, j2 in align(before, after)]
    return joined(_calm(joined(raw)))


def joined(pairs: list[Pair]) -> list[Pair]:
    """Merge neighbours of one kind, and changes with next to nothing between them."""
    merged: list[Pair] = []
    for old, new in pairs:
        if not old and not new:
            continue
        same = old == new
        if merged and (merged[-1][0] == merged[-1][1]) == same:
            merged[-1] = (merged[-1][0] + old, merged[-1][1] + new)
        elif not same and len(merged) > 1 and _bridges(merged[-1][0], merged[-2], (old, new)):
            between, before = merged.pop()[0], merged.pop()
            merged.append((before[0] + between + old, before[1] + between + new))
        else:
            merged.append((old, new))
    return merged


def _bridges(between: str, before: Pair, after: Pair) -> bool:
    """Whether the shared text between two changes is too little to part them."""
    if "\n" in between:
        return False
    room = min(max(map(len, before)), max(map(len, after)))
    return not between.strip() or len(between) <= min(_BRIDGE, room)


def _calm(pairs: list[Pair]) -> list[Pair]:
    """Make one change of each line, and of each sentence, that shares only crumbs with its other side."""
    result: list[Pair] = []
    for line in _parted(pairs, _LINE):
        settled = _settled(line)
        if len(settled) < len(line):
            result.extend(settled)
            continue
        for sentence in _parted(line, _SENTENCE):
            result.extend(_settled(sentence))
    return result


def _parted(pairs: list[Pair], part: re.Pattern[str]) -> Iterator[list[Pair]]:
    """Yield runs of pairs that end at a shared `part`, which stands in a run of its own."""
    run: list[Pair] = []
    for old, new in pairs:
        if old != new:
            run.append((old, new))
            continue
        at = 0
        for end in part.finditer(old):
            run.append((old[at : end.start()], old[at : end.start()]))
            yield run
            yield [(end.group(), end.group())]
            run, at = [], end.end()
        run.append((old[at:], old[at:]))
    yield run


def _settled(passage: list[Pair]) -> list[Pair]:
    """Return the passage, as one replacement where too little of it was kept."""
    changes = sum(pair[0] != pair[1] for pair in passage)
    if changes < 2:
        return passage
    old, new = "".join(pair[0] for pair in passage), "".join(pair[1] for pair in passage)
    kept = sum(len(pair[0].strip()) for pair in passage if pair[0] == pair[1])
    return [(old, new)] if kept < _KEPT_SHARE * min(len(old), len(new)) else passage
