"""Time zones that a person may choose."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError

_REGIONS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia",
    "Atlantic", "Australia", "Europe", "Indian", "Pacific",
}  # fmt: skip


@cache
def names() -> frozenset[str]:
    """Every name of the time zone database that this machine knows."""
    return frozenset(available_timezones())


@cache
def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The zones people live in, by region, each with the words to show: `Europe/Vienna` as `Vienna`."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(names()):
        region, _, place = name.partition("/")
        if place and region in _REGIONS:
            regions.setdefault(region, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return [("World", [("UTC", "UTC")]), *sorted(regions.items())]


def validate(name: str) -> None:
    """Raise a ValidationError unless `name` is a time zone."""
    if name not in names():
        raise ValidationError("There is no such time zone. Use a name like Europe/Vienna.", code="time_zone")


def zone(name: str) -> ZoneInfo:
    """The zone called `name`; UTC where this machine no longer knows it."""
    return ZoneInfo(name if name in names() else "UTC")
