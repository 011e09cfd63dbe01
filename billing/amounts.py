"""How money, counts and sizes are written."""

from billing.limits import GIBIBYTE, MEBIBYTE

THIN_SPACE = "\u202f"
"""Narrow and unbreakable: groups digits."""


def dollars(cents: int) -> str:
    """Return US cents as people write them: $29, $29.50."""
    whole, rest = divmod(cents, 100)
    return f"${whole:,}.{rest:02}" if rest else f"${whole:,}"


def count(number: int) -> str:
    """Return a whole number with its digits grouped: 950, 3 000."""
    return f"{number:,}".replace(",", THIN_SPACE)


def size(number: int) -> str:
    """Return bytes in the largest unit that keeps them short: 640 kB, 5 MB, 1.5 GB."""
    for unit, bytes_in_it in (("GB", GIBIBYTE), ("MB", MEBIBYTE), ("kB", 1024)):
        if number >= bytes_in_it:
            value = number / bytes_in_it
            short = (
                f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}".removesuffix(".0")
            )
            return f"{short} {unit}"
    return f"{number} bytes"
