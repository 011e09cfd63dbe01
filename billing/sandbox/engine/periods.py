"""Reckons the periods of a subscription from its billing cycle anchor, in UTC and whole seconds."""

from calendar import monthrange
from datetime import UTC, datetime

_DAY = 24 * 3600
_SECONDS = {"day": _DAY, "week": 7 * _DAY}
_MONTHS = {"month": 1, "year": 12}


def boundary(anchor: int, interval: str, count: int, number: int) -> int:
    """Return where period `number` begins: `number` × `count` intervals after the anchor.

    Always counted from the anchor, so that a short month bends one boundary and none after it:
    31 January, 28 February, 31 March.
    """
    if interval in _SECONDS:
        return anchor + number * count * _SECONDS[interval]
    start = datetime.fromtimestamp(anchor, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + number * count * _MONTHS[interval], 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def period_at(anchor: int, interval: str, count: int, moment: int) -> tuple[int, int]:
    """Return the period that holds `moment`: its start, which belongs to it, and its end, which does not."""
    number = _guess(anchor, interval, count, moment)
    while boundary(anchor, interval, count, number) > moment:
        number -= 1
    while boundary(anchor, interval, count, number + 1) <= moment:
        number += 1
    return boundary(anchor, interval, count, number), boundary(anchor, interval, count, number + 1)


def _guess(anchor: int, interval: str, count: int, moment: int) -> int:
    if interval in _SECONDS:
        return (moment - anchor) // (count * _SECONDS[interval])
    start, then = datetime.fromtimestamp(anchor, UTC), datetime.fromtimestamp(moment, UTC)
    months = (then.year - start.year) * 12 + then.month - start.month
    return months // (count * _MONTHS[interval])
