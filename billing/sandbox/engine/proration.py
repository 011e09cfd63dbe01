"""The arithmetic of prorations: what the rest of a period is worth, to the second.

A change in the middle of a period gives back the unused time of what was billed and bills the remaining
time of what replaces it. Both are the same share, counted in seconds:

    share = (end of the period − moment of the change) ÷ (end of the period − its start)

Each of the two amounts is rounded for itself to the nearest cent, halves away from zero. A month therefore
has as many seconds as its days have; there is no average month.
"""


def unused(amount: int, *, start: int, end: int, at: int) -> int:
    """Return the part of `amount` (cents for the whole period) that falls between `at` and `end`.

    `at` outside the period counts as its nearer end.
    """
    length, left = end - start, end - min(max(at, start), end)
    return rounded(amount * left, length)


def rounded(numerator: int, denominator: int) -> int:
    """Divide to the nearest integer, halves away from zero; the denominator is positive."""
    whole = (2 * abs(numerator) + denominator) // (2 * denominator)
    return whole if numerator >= 0 else -whole
