"""A column chart of days: where each column, grid line and label stands, in percent of the drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

_FILL = 0.64
"""How much of a day's place its column takes."""

_LEAST = 1.5
"""Percent of the height below which a column could not be seen."""

_LINES = 4
_LABEL_EVERY = 7


@dataclass(frozen=True, slots=True)
class Column:
    """One day. Places are percentages, written out for SVG."""

    day: date
    credits: int
    slot: str
    slot_width: str
    x: str
    y: str
    width: str
    height: str
    is_to_come: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A grid line and its figure (`place` from the top), or a day's label (`place` from the left)."""

    place: str
    text: int | date


@dataclass(frozen=True, slots=True)
class Chart:
    """All that a drawing of `columns` needs."""

    columns: list[Column]
    lines: list[Mark]
    labels: list[Mark]

    @property
    def peak(self) -> Column:
        """The day of most use, the latest of equals."""
        return max(self.columns, key=lambda column: (column.credits, column.day))


def column_chart(days: Sequence[date], credits: Mapping[date, int], *, today: date) -> Chart | None:
    """Return the chart of `credits` over `days`; None where there is nothing to draw."""
    most = max((credits.get(day, 0) for day in days), default=0)
    if most <= 0:
        return None
    step = _step(most)
    top = step * -(-most // step)
    slot = 100 / len(days)
    return Chart(
        columns=[
            _column(day, credits.get(day, 0), place=number * slot, slot=slot, top=top, today=today)
            for number, day in enumerate(days)
        ],
        lines=[Mark(_percent(100 - 100 * value / top), value) for value in range(0, top + 1, step)],
        labels=[
            Mark(_percent((number + 0.5) * slot), day)
            for number, day in enumerate(days)
            if number % _LABEL_EVERY == 0
        ],
    )


def _column(day: date, credits: int, *, place: float, slot: float, top: int, today: date) -> Column:
    height = max(_LEAST, 100 * credits / top) if credits else 0.0
    return Column(
        day=day,
        credits=credits,
        slot=_percent(place),
        slot_width=_percent(slot),
        x=_percent(place + slot * (1 - _FILL) / 2),
        y=_percent(100 - height),
        width=_percent(slot * _FILL),
        height=_percent(height),
        is_to_come=day > today,
    )


def _step(most: int) -> int:
    """Return the distance of the grid lines: a 1, 2 or 5 with zeros, so that four of them are enough."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if most <= step * _LINES:
                return step
        power *= 10


def _percent(value: float) -> str:
    return f"{value:.3f}%"
