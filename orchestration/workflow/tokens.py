"""How many tokens a text has: the likely count, and the count that it cannot exceed."""

import math

BYTES_PER_TOKEN = 3.5
FEWEST_BYTES_PER_TOKEN = 2


def estimate(text: str) -> int:
    """Return the likely number of tokens of `text` (UTF-8 bytes / 3.5)."""
    return math.ceil(len(text.encode()) / BYTES_PER_TOKEN)


def upper_bound(text: str) -> int:
    """Return a number of tokens that `text` stays below whatever its script (UTF-8 bytes / 2)."""
    return math.ceil(len(text.encode()) / FEWEST_BYTES_PER_TOKEN)
