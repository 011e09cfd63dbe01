"""What differs between two passages, word by word, in changes that a reader can judge."""

import re
from collections.abc import Iterable, Iterator, Sequence

from objects.alignment import align
from objects.effort import Effort

Pair = tuple[str, str]
"""A stretch of the old passage against one of the new; shared text where both are equal."""

_TOKEN = re.compile(r"\w+|[^\S\n]+|\n|.", re.DOTALL)
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+")

_BRIDGE = 4
"""Equal text up to this many characters between two larger changes is read as part of one change."""

_STEPS_A_CHANGE = 10
"""What putting one change into order takes, beside looking at its words."""

_KEPT_SHARE = 0.3
"""A rewritten line or sentence that keeps less than this of its text reads better as one replacement."""


def pairs_of(old: str, new: str, effort: Effort) -> list[Pair]:
    """Compare two passages; the first parts joined give `old`, the second `new`, exactly.

    Passages that cannot be compared by words with the `effort` that is left are compared by lines, and where
    that is too much, only trimmed.
    """
    if effort.affords(_STEPS_A_CHANGE + len(old) + len(new)):
        found = _aligned(_TOKEN.findall(old), _TOKEN.findall(new), effort)
        if effort.affords(_STEPS_A_CHANGE * len(found)):
            return joined(_calm(joined(found)))
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if effort.affords(_STEPS_A_CHANGE * (len(before) + len(after))):
        return joined(_aligned(before, after, effort))
    return _trimmed(old, new)


def _trimmed(old: str, new: str) -> list[Pair]:
    """Part two passages from the lines they share at the start and at the end: one replacement is left."""
    head = old.rfind("\n", 0, _shared_start(old, new)) + 1
    tail = _shared_start(old[head:][::-1], new[head:][::-1])
    first = old.find("\n", len(old) - tail) + 1
    tail = len(old) - first if tail and first else 0
    middle = (old[head : len(old) - tail], new[head : len(new) - tail])
    return joined([(old[:head], old[:head]), middle, (old[len(old) - tail :], old[len(old) - tail :])])


def _shared_start(old: str, new: str) -> int:
    """Count the characters that both begin with, halving what is still unknown."""
    same, most = 0, min(len(old), len(new))
    while same < most:
        half = (same + most + 1) // 2
        if old[same:half] == new[same:half]:
            same = half
        else:
            most = half - 1
    return same


def _aligned(before: Sequence[str], after: Sequence[str], effort: Effort) -> list[Pair]:
    return [
        ("".join(before[i1:i2]), "".join(after[j1:j2])) for _, i1, i2, j1, j2 in align(before, after, effort)
    ]


class _Run:
    """Neighbouring pairs of one kind; their texts are joined once, at the end."""

    __slots__ = ("new", "old", "same", "sizes")

    def __init__(self, old: str, new: str, same: bool) -> None:
        self.same, self.old, self.new = same, [old], [new]
        self.sizes = [len(old), len(new)]

    def add(self, old: Sequence[str], new: Sequence[str]) -> None:
        """Take in what follows."""
        self.old.extend(old)
        self.new.extend(new)
        self.sizes[0] += sum(map(len, old))
        self.sizes[1] += sum(map(len, new))

    @property
    def pair(self) -> Pair:
        """Both texts."""
        return "".join(self.old), "".join(self.new)


def joined(pairs: Iterable[Pair]) -> list[Pair]:
    """Merge neighbours of one kind, and changes with next to nothing between them."""
    runs: list[_Run] = []
    for old, new in pairs:
        if not old and not new:
            continue
        same = old == new
        if runs and runs[-1].same == same:
            runs[-1].add([old], [new])
        elif not same and len(runs) > 1 and _bridges(runs[-1], runs[-2], max(len(old), len(new))):
            between = runs.pop().old
            runs[-1].add([*between, old], [*between, new])
        else:
            runs.append(_Run(old, new, same))
    return [run.pair for run in runs]


def _bridges(shared: _Run, before: _Run, after: int) -> bool:
    """Whether the shared text between two changes is too little to part them."""
    between = "".join(shared.old)
    if "\n" in between:
        return False
    return not between.strip() or len(between) <= min(_BRIDGE, max(before.sizes), after)


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
