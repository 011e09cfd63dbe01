"""Word differences of two texts, as changes that can each be taken or left."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

from objects.alignment import align

_PARAGRAPH = re.compile(r".*?(?:\n[ \t]*\n\s*|\Z)", re.DOTALL)
_TOKEN = re.compile(r"\w+|[^\S\n]+|\n|.", re.DOTALL)
_WORD = re.compile(r"\w+(?:['’\-]\w+)*")

_BRIDGE = 4
"""Equal text up to this many characters between two larger changes is read as part of one change."""

_KEPT_SHARE = 0.3
"""A rewritten passage that keeps less than this of its text reads better as one replacement."""


@dataclass(frozen=True, slots=True)
class Same:
    """Text that both sides share."""

    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One replacement: `old` at character `at` of the old text becomes `new`.

    `id` is stable: it depends on the place and both texts only, so it can be kept and named later.
    """

    id: str
    at: int
    old: str
    new: str


Piece = Same | Change


@dataclass(frozen=True, slots=True)
class Diff:
    """Two texts as shared pieces and changes, in order."""

    pieces: tuple[Piece, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes, in order of the old text."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Change))

    def apply(self, accepted: Collection[str]) -> str:
        """Return the old text with the changes whose ids are in `accepted`; unknown ids raise KeyError."""
        unknown = set(accepted) - {change.id for change in self.changes}
        if unknown:
            raise KeyError(", ".join(sorted(unknown)))
        return "".join(
            piece.text if isinstance(piece, Same) else piece.new if piece.id in accepted else piece.old
            for piece in self.pieces
        )

    def apply_all(self) -> str:
        """Return the new text."""
        return self.apply({change.id for change in self.changes})

    @property
    def words_removed(self) -> int:
        """How many words of the old text are gone or replaced."""
        return sum(len(_WORD.findall(change.old)) for change in self.changes)

    @property
    def words_added(self) -> int:
        """How many words of the new text were not in the old one."""
        return sum(len(_WORD.findall(change.new)) for change in self.changes)


def compare(old: str, new: str) -> Diff:
    """Compare two texts: paragraphs first, then words inside those that differ.

    Applying every change gives `new`, applying none gives `old`, exactly. The time is near linear:
    two texts of 50 000 words take about a second however much they differ.
    """
    raw: list[tuple[str, str]] = []
    old_paragraphs, new_paragraphs = _paragraphs(old), _paragraphs(new)
    for same, i1, i2, j1, j2 in align(old_paragraphs, new_paragraphs):
        before, after = "".join(old_paragraphs[i1:i2]), "".join(new_paragraphs[j1:j2])
        raw.extend([(before, before)] if same else _words(before, after))
    return Diff(_pieces(_join(_calm(_join(raw)))))


def _paragraphs(text: str) -> list[str]:
    """Split into paragraphs that keep the blank lines behind them."""
    return [part for part in _PARAGRAPH.findall(text) if part]


def _words(old: str, new: str) -> list[tuple[str, str]]:
    """Compare two passages token by token; equal pairs are shared text."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    return [("".join(before[i1:i2]), "".join(after[j1:j2])) for _, i1, i2, j1, j2 in align(before, after)]


def _join(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Merge neighbours of one kind, and changes with next to nothing between them."""
    joined: list[tuple[str, str]] = []
    for old, new in pairs:
        if not old and not new:
            continue
        same = old == new
        if joined and (joined[-1][0] == joined[-1][1]) == same:
            joined[-1] = (joined[-1][0] + old, joined[-1][1] + new)
        elif not same and len(joined) > 1 and _bridges(joined[-1][0], joined[-2], (old, new)):
            between, before = joined.pop()[0], joined.pop()
            joined.append((before[0] + between + old, before[1] + between + new))
        else:
            joined.append((old, new))
    return joined


def _bridges(between: str, before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Whether the shared text between two changes is too little to part them."""
    if "\n" in between:
        return False
    room = min(max(map(len, before)), max(map(len, after)))
    return not between.strip() or len(between) <= min(_BRIDGE, room)


def _calm(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Make one change of each paragraph that shares only crumbs with its other side."""
    result: list[tuple[str, str]] = []
    passage: list[tuple[str, str]] = []
    for old, new in pairs:
        if old != new:
            passage.append((old, new))
            continue
        for line in old.splitlines(keepends=True):
            if line.endswith("\n"):
                stripped = line[:-1]
                passage.append((stripped, stripped))
                result.extend(_settled(passage))
                result.append(("\n", "\n"))
                passage = []
            else:
                passage.append((line, line))
    return result + _settled(passage)


def _settled(passage: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the passage, as one replacement where too little of it was kept."""
    old, new = "".join(pair[0] for pair in passage), "".join(pair[1] for pair in passage)
    kept = sum(len(pair[0].strip()) for pair in passage if pair[0] == pair[1])
    changes = sum(pair[0] != pair[1] for pair in passage)
    if changes > 1 and kept < _KEPT_SHARE * min(len(old), len(new)):
        return [(old, new)]
    return passage


def _pieces(pairs: list[tuple[str, str]]) -> tuple[Piece, ...]:
    """Name each change by its place and texts."""
    pieces: list[Piece] = []
    at = 0
    for old, new in pairs:
        if old == new:
            pieces.append(Same(old))
        else:
            pieces.append(Change(id=_name(at, old, new), at=at, old=old, new=new))
        at += len(old)
    return tuple(pieces)


def _name(at: int, old: str, new: str) -> str:
    """Return 12 hex digits that only this change of these texts has."""
    seed = f"{at}:{len(old)}:{old}{new}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(seed, digest_size=6).hexdigest()
