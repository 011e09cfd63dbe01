"""Word differences of two texts, as numbered changes that can each be taken or left."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from objects.diff_passages import sections
from objects.diff_words import Pair, pairs_of
from objects.effort import Effort

_STEPS = 6_000_000
"""What a comparison may look at: about a second of work; a novel with each third word changed takes less."""

_WORD = re.compile(r"\w+(?:['’\-]\w+)*")


@dataclass(frozen=True, slots=True)
class Same:
    """Text that both sides share."""

    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One replacement: `old` at character `at` of the old text becomes `new`.

    `number` counts the changes of these two texts from 1, in their order.
    """

    number: int
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

    def apply(self, accepted: Collection[int]) -> str:
        """Return the old text with the changes numbered in `accepted`; raise KeyError for unknown ones."""
        unknown = set(accepted) - {change.number for change in self.changes}
        if unknown:
            raise KeyError(", ".join(str(number) for number in sorted(unknown)))
        return "".join(
            piece.text if isinstance(piece, Same) else piece.new if piece.number in accepted else piece.old
            for piece in self.pieces
        )

    @property
    def words_removed(self) -> int:
        """How many words of the old text are gone or replaced."""
        return sum(len(_WORD.findall(change.old)) for change in self.changes)

    @property
    def words_added(self) -> int:
        """How many words of the new text were not in the old one."""
        return sum(len(_WORD.findall(change.new)) for change in self.changes)


def compare(old: str, new: str) -> Diff:
    """Compare two texts: paragraphs first, then words inside those that belong together.

    A change is a run of words within a paragraph, or a paragraph that came or went. Applying every change
    gives `new`, applying none gives `old`, exactly. The time is near linear: two texts of 50 000 words take
    about a second however much they differ. Of texts made to take longer, what exceeds the effort is compared
    by lines or is one change.
    """
    pieces: list[Piece] = []
    at = number = 0
    for same, pairs in groupby(_pairs(old, new), key=lambda pair: pair[0] == pair[1]):
        if same:
            shared = "".join(text for text, _ in pairs)
            pieces.append(Same(shared))
            at += len(shared)
            continue
        for before, after in pairs:
            number += 1
            pieces.append(Change(number=number, at=at, old=before, new=after))
            at += len(before)
    return Diff(tuple(pieces))


def choose(old: str, new: str, accepted: Collection[int]) -> str:
    """Return `old` with the changes to `new` numbered in `accepted`; raise KeyError for unknown ones."""
    return compare(old, new).apply(accepted)


def _pairs(old: str, new: str) -> Iterator[Pair]:
    effort = Effort(_STEPS)
    for before, after in sections(old, new, effort):
        if before == after or not before or not after:
            yield before, after
        else:
            yield from pairs_of(before, after, effort)
