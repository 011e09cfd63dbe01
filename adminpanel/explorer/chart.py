"""Bars for a small chart: where each stands, in the units of its drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT = 720, 120
_GAP = 0.25


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, and the words that it answers with when pointed at."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A row of bars; `top` is what the highest stands for."""

    title: str
    unit: str
    top: str
    first: str
    last: str
    bars: list[Bar]
    width: int = WIDTH
    height: int = HEIGHT


def chart(
    title: str, unit: str, values: Sequence[Decimal | int], *, names: Sequence[str], words: Sequence[str]
) -> Chart:
    """Draw `values`; `names` and `words` say of each what it is of, and how much it is."""
    most = max(values, default=0)
    step = WIDTH / max(1, len(values))
    bars = []
    for place, (value, name, word) in enumerate(zip(values, names, words, strict=True)):
        height = float(value / most) * HEIGHT if most and value > 0 else 0.0
        height = max(height, 1.0) if height else 0.0
        bars.append(
            Bar(
                round(place * step + step * _GAP / 2, 2),
                round(HEIGHT - height, 2),
                round(step * (1 - _GAP), 2),
                round(height, 2),
                f"{name}: {word} {unit}",
            )
        )
    top = words[list(values).index(most)] if most else "0"
    return Chart(title, unit, top, names[0] if names else "", names[-1] if names else "", bars)
