"""How many tokens a text has: the likely count, and the count that it cannot exceed."""

import math

BYTES_PER_TOKEN = 3.5
FEWEST_BYTES_PER_TOKEN = 2


def size(text: str) -> int:
    """Return the bytes of `text` in UTF-8."""
    return len(text.encode())


def estimate(text: str) -> int:
    """Return the likely number of tokens of `text` (UTF-8 bytes / 3.5)."""
    return likely(size(text))


def upper_bound(text: str) -> int:
    """Return a number of tokens that `text` stays below whatever its script (UTF-8 bytes / 2)."""
    return at_most(size(text))


def likely(size: int) -> int:
    """Return the likely number of tokens of a text of `size` bytes."""
    return math.ceil(size / BYTES_PER_TOKEN)


def at_most(size: int) -> int:
    """Return a number of tokens that a text of `size` bytes stays below."""
    return math.ceil(size / FEWEST_BYTES_PER_TOKEN)
