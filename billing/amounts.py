"""How sizes are written, beside the studio's counts and money."""

from billing.limits import GIBIBYTE, MEBIBYTE
from config.common.figures import THIN_SPACE, count, dollars

__all__ = ["THIN_SPACE", "count", "dollars", "size"]


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
