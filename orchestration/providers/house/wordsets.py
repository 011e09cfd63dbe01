"""Lets word lists be written as running text."""


def in_order(text: str) -> tuple[str, ...]:
    """The words of a text, in its order."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs written as "left:right", in order; either side may be empty."""
    return tuple((left, right) for left, _, right in (pair.partition(":") for pair in text.split()))
