"""How figures are written: digits in groups, money, days."""

from datetime import datetime, timedelta
from decimal import Decimal

from config.common.clock import now

THIN_SPACE = "\u202f"
"""Narrow and unbreakable: groups digits."""

MINUS = "\u2212"

_NEAR = timedelta(days=300)
"""So far off a day needs no year: there is no other one of its name."""


def count(number: int | float | Decimal) -> str:
    """Return a number with its digits grouped and a real minus: 950, 3 000, −4."""
    return f"{number:,}".replace(",", THIN_SPACE).replace("-", MINUS)


def dollars(cents: int) -> str:
    """Return US cents as people write them: $29, $29.50, $1 990."""
    whole, rest = divmod(cents, 100)
    return f"${count(whole)}.{rest:02}" if rest else f"${count(whole)}"


def day(moment: datetime) -> str:
    """Return the day of a moment: 21 December; with its year where it is months away: 21 November 2027."""
    return f"{moment:%-d %B}" if abs(moment - now()) < _NEAR else f"{moment:%-d %B %Y}"
