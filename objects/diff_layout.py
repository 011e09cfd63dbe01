"""A difference laid out for reading: two columns or one, unchanged stretches folded."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from objects.diffing import Diff, Same

Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text in one column; `change` is the id of the change it belongs to, else empty."""

    kind: Kind
    text: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph against its other side; `folded` paragraphs are left out where it is not zero."""

    old: tuple[Segment, ...] = ()
    new: tuple[Segment, ...] = ()
    folded: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything on either side differs."""
        return any(segment.kind != "same" for segment in (*self.old, *self.new))


class _Columns:
    """Two columns filled in step; a line break that both share ends the row."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._clear()

    def _clear(self) -> None:
        self.old: list[list[Segment]] = [[]]
        self.new: list[list[Segment]] = [[]]

    def put(self, column: list[list[Segment]], kind: Kind, text: str, change: str) -> None:
        """Add text to one column, a line of it per row."""
        for number, line in enumerate(text.split("\n")):
            if number:
                column.append([])
            if line:
                column[-1].append(Segment(kind, line, change))

    def meet(self) -> None:
        """End the row where both columns stand at the start of a line: what follows belongs side by side."""
        if not self.old[-1] and not self.new[-1]:
            self.end_row()

    def end_row(self) -> None:
        """Close the row; blank rows are not kept."""
        nothing: list[Segment] = []
        for old, new in zip_longest(self.old, self.new, fillvalue=nothing):
            if old or new:
                self.rows.append(Row(tuple(old), tuple(new)))
        self._clear()


def rows(diff: Diff) -> list[Row]:
    """Lay out `diff`: a row per paragraph, old on the left, new on the right."""
    columns = _Columns()
    for piece in diff.pieces:
        if isinstance(piece, Same):
            for number, line in enumerate(piece.text.split("\n")):
                if number:
                    columns.end_row()
                columns.put(columns.old, "same", line, "")
                columns.put(columns.new, "same", line, "")
        else:
            columns.put(columns.old, "removed", piece.old, piece.id)
            columns.put(columns.new, "added", piece.new, piece.id)
            columns.meet()
    columns.end_row()
    return columns.rows


def inline_rows(diff: Diff) -> list[Row]:
    """Lay out `diff` in one column: a row per paragraph, what went before what came."""
    lines: list[list[Segment]] = [[]]
    for piece in diff.pieces:
        parts: list[tuple[Kind, str, str]] = (
            [("same", piece.text, "")]
            if isinstance(piece, Same)
            else [("removed", piece.old, piece.id), ("added", piece.new, piece.id)]
        )
        for kind, text, change in parts:
            for number, line in enumerate(text.split("\n")):
                if number:
                    lines.append([])
                if line:
                    lines[-1].append(Segment(kind, line, change))
    return [Row(new=tuple(line)) for line in lines if line]


def fold(laid_out: Sequence[Row], *, context: int = 1) -> list[Row]:
    """Replace unchanged rows further than `context` from a change by one row that counts them."""
    near = {
        index + step
        for index, row in enumerate(laid_out)
        if row.changed
        for step in range(-context, context + 1)
    }
    folded: list[Row] = []
    for index, row in enumerate(laid_out):
        if index in near:
            folded.append(row)
        elif folded and folded[-1].folded:
            folded[-1] = Row(folded=folded[-1].folded + 1)
        else:
            folded.append(Row(folded=1))
    return folded
