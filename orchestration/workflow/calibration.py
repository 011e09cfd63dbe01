"""What earlier runs of a shape tell about the next: pure arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

LEAST_RUNS = 10
"""Runs of a shape after which their measured ratio corrects the expectation."""
_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Calibration:
    """How many tokens runs took for one that was foreseen: all together, and the range of four in five.

    `low` and `high` are the 10th and the 90th percentile of the single runs, widened where they do not
    include `ratio`.
    """

    ratio: Decimal
    low: Decimal
    high: Decimal
    runs: int


def calibrated(runs: Sequence[tuple[Decimal, Decimal]]) -> Calibration | None:
    """Return what `runs` (foreseen and used tokens) tell; None while they are too few."""
    known = [(foreseen, used) for foreseen, used in runs if foreseen > 0]
    if len(known) < LEAST_RUNS:
        return None
    none = Decimal(0)
    ratio = sum((used for _, used in known), none) / sum((foreseen for foreseen, _ in known), none)
    ratios = sorted(used / foreseen for foreseen, used in known)
    low, high = percentile(ratios, Decimal("0.1")), percentile(ratios, Decimal("0.9"))
    return Calibration(
        ratio=ratio.quantize(_PLACES),
        low=min(low, ratio).quantize(_PLACES),
        high=max(high, ratio).quantize(_PLACES),
        runs=len(known),
    )


def percentile(ordered: Sequence[Decimal], share: Decimal) -> Decimal:
    """Return the value that `share` of the `ordered` values stay at or below, between two where it must."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
