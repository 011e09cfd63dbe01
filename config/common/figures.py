"""How figures are written: digits in groups, money."""

from decimal import Decimal

THIN_SPACE = "\u202f"
"""Narrow and unbreakable: groups digits."""

MINUS = "\u2212"


def count(number: int | float | Decimal) -> str:
    """Return a number with its digits grouped and a real minus: 950, 3 000, −4."""
    return f"{number:,}".replace(",", THIN_SPACE).replace("-", MINUS)


def dollars(cents: int) -> str:
    """Return US cents as people write them: $29, $29.50, $1 990."""
    whole, rest = divmod(cents, 100)
    return f"${count(whole)}.{rest:02}" if rest else f"${count(whole)}"
