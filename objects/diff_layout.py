"""A difference laid out for reading: two columns or one, unchanged stretches folded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

from objects.diffing import Change, Diff, Same

Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text in one column; `change` is the number of the change it belongs to, else 0.

    `sign` stands for a change of nothing but white space, which would not be seen. `is_last` segments end
    what is shown of their change: there it is decided about.
    """

    kind: Kind
    text: str
    change: int = 0
    sign: str = ""
    is_last: bool = False


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

    def put(self, column: list[list[Segment]], kind: Kind, text: str, change: int = 0) -> None:
        """Add text to one column, a line of it per row."""
        _add(column, kind, text, change)

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
                columns.put(columns.old, "same", line)
                columns.put(columns.new, "same", line)
        else:
            columns.put(columns.old, "removed", piece.old, piece.number)
            columns.put(columns.new, "added", piece.new, piece.number)
            columns.meet()
    columns.end_row()
    return _with_ends(columns.rows)


def inline_rows(diff: Diff) -> list[Row]:
    """Lay out `diff` in one column: a row per paragraph, what went before what came."""
    lines: list[list[Segment]] = [[]]
    for piece in diff.pieces:
        if isinstance(piece, Change):
            _add(lines, "removed", piece.old, piece.number)
            _add(lines, "added", piece.new, piece.number)
        else:
            _add(lines, "same", piece.text)
    return _with_ends([Row(new=tuple(line)) for line in lines if line])


def _add(lines: list[list[Segment]], kind: Kind, text: str, change: int = 0) -> None:
    """Add text to a column: each line break begins a new line of it."""
    if kind != "same" and text and not text.strip():
        lines[-1].append(Segment(kind, "", change, "¶" if "\n" in text else "␣"))
    for number, line in enumerate(text.split("\n")):
        if number:
            lines.append([])
        if line:
            lines[-1].append(Segment(kind, line, change))


def _with_ends(laid_out: list[Row]) -> list[Row]:
    """Mark the last segment of each change: on the new side, where there is something of it."""
    ends: dict[int, Segment] = {}
    for side in ("old", "new"):
        for row in laid_out:
            ends.update({segment.change: segment for segment in getattr(row, side) if segment.change})
    last = {id(segment) for segment in ends.values()}

    def marked(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
        return tuple(replace(part, is_last=True) if id(part) in last else part for part in segments)

    return [replace(row, old=marked(row.old), new=marked(row.new)) for row in laid_out]


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
