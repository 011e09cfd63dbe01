"""Whole credits divided so that the parts sum to the whole: by largest remainder, and in order."""

from collections.abc import Sequence
from typing import TypeVar

S = TypeVar("S")


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` by `weights`, which sum to more than nothing; the parts sum to `total` exactly.

    Each gets the whole part of its share; what is left goes, one by one, to the largest remainders, the
    earlier first. Nothing goes to a weight of 0.
    """
    whole = sum(weights)
    if whole <= 0 or total < 0 or min(weights) < 0:
        raise ValueError("Credits are divided by weights that sum to more than nothing.")
    parts = [total * weight // whole for weight in weights]
    places = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in places[: total - sum(parts)]:
        parts[place] += 1
    return parts


def draw(parts: Sequence[int], sources: Sequence[tuple[S, int]]) -> list[list[tuple[S, int]]]:
    """Pay each of `parts` from `sources`, in order, each source used up before the next.

    The sources hold what the parts need together; each is used up exactly.
    """
    if sum(parts) != sum(amount for _, amount in sources):
        raise ValueError("The sources do not hold what the parts need.")
    left = [(source, amount) for source, amount in reversed(sources) if amount]
    paid: list[list[tuple[S, int]]] = []
    for part in parts:
        drawn: list[tuple[S, int]] = []
        while part:
            source, amount = left.pop()
            taken = min(part, amount)
            drawn.append((source, taken))
            part -= taken
            if taken < amount:
                left.append((source, amount - taken))
        paid.append(drawn)
    return paid
