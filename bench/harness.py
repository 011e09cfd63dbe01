"""Rows, their marks, and how a result is printed and kept."""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

RESULTS = Path(__file__).resolve().parent / "results.json"
REPEATS = 5
"""Runs whose median is the figure."""


@dataclass(frozen=True)
class Result:
    """One measured row: `value` against `mark`, both in `unit` (ratio, ms, s, count)."""

    name: str
    value: float
    mark: float
    better: Literal["higher", "lower"]
    unit: str = "ratio"
    detail: str = ""

    @property
    def verdict(self) -> str:
        """`ok` where the mark is reached, else `short`."""
        reached = self.value >= self.mark if self.better == "higher" else self.value <= self.mark
        return "ok" if reached else "short"

    def line(self) -> str:
        """Return the printed line: name, figure, mark, verdict, detail."""
        sign = ">=" if self.better == "higher" else "<="
        unit = "" if self.unit in ("ratio", "count") else f" {self.unit}"
        digits = 0 if self.unit == "count" else 1 if self.unit in ("ms", "s") else 2
        figure, mark = f"{self.value:.{digits}f}{unit}", f"{sign} {self.mark:g}{unit}"
        return f"{self.name:<40} {figure:>9}  {mark:>9}  {self.verdict:<5}  {self.detail}".rstrip()


@dataclass(frozen=True)
class LeftOut:
    """A row that could not run here, and why."""

    name: str
    reason: str

    def line(self) -> str:
        """Return the printed line."""
        return f"{self.name:<40} left out: {self.reason}"


Row = Callable[[], Iterator[Result | LeftOut]]
ROWS: dict[str, Row] = {}


def row(name: str) -> Callable[[Row], Row]:
    """Register what `make bench ROW=<name>` runs; it may yield several lines."""

    def register(function: Row) -> Row:
        ROWS[name] = function
        return function

    return register


def alternate(*measures: Callable[[], float], repeats: int = REPEATS) -> list[list[float]]:
    """Run `measures` in turn, `repeats` times, and return the figures of each.

    Taken in turn, a machine that slows down for a while slows all of them down.
    """
    figures: list[list[float]] = [[] for _ in measures]
    for _ in range(repeats):
        for kept, measure in zip(figures, measures, strict=True):
            kept.append(measure())
    return figures


def ratio(ours: Sequence[float], floor: Sequence[float]) -> float:
    """Return the median of the ratios of runs taken side by side."""
    return statistics.median(one / other for one, other in zip(ours, floor, strict=True))


def spread(values: Sequence[float], *, digits: int = 0) -> str:
    """Return `median (min – max)` for a detail."""
    middle = statistics.median(values)
    return f"{middle:,.{digits}f} ({min(values):,.{digits}f} – {max(values):,.{digits}f})"


def p95(values: Sequence[float]) -> float:
    """Return the value that 95 % of `values` do not exceed."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def eventually(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Return once `condition` holds; TimeoutError names `what` otherwise."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {seconds:.0f} s for {what}.")
        time.sleep(0.02)


def keep(results: Sequence[Result]) -> None:
    """Write `results` beside this module as JSON, replacing rows of the same name."""
    known = {}
    if RESULTS.exists():
        known = {entry["name"]: entry for entry in json.loads(RESULTS.read_text())}
    known.update({result.name: {**asdict(result), "verdict": result.verdict} for result in results})
    RESULTS.write_text(json.dumps(list(known.values()), indent=2, ensure_ascii=False) + "\n")
