"""Times that could be any time."""

import re
from collections.abc import Iterator

from orchestration.providers.house.reading import PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue

_QUARTER = re.compile(
    r"\b(?:in |by |during )?the (?P<which>first|second|third|fourth|last|next) quarter\b(?! of)(?!,? "
    r"\d{4})|\bQ[1-4]\b(?! ?[-/’']?\d{2})"
)
_LATER = re.compile(
    r"\b(?:at a later (?:point in time|date|time|stage)|at some point|in the (?:near|foreseeable) future|"
    r"some time soon|"
    r"additional markets|further markets|selected markets|as soon as possible)\b",
    re.IGNORECASE,
)


def quarters(reading: Reading) -> Iterator[Issue]:
    """Find a quarter without its year."""
    for found in _QUARTER.finditer(reading.prose.view):
        if reading.narrated(found.start(), found.end()):
            message = f"“{found.group()}”: of which year?"
            yield reading.issue(found.start(), found.end(), "vague", "minor", message)


def someday(reading: Reading) -> Iterator[Issue]:
    """Collect promises without a time or a place into one issue."""
    found = [hit for hit in _LATER.finditer(reading.prose.view) if reading.narrated(hit.start(), hit.end())]
    kept = [hit for hit in found if hit.group().lower() != "as soon as possible"] or found[1:]
    if kept:
        named = " and ".join(dict.fromkeys(f"“{hit.group()}”" for hit in kept[:3]))
        message = f"{named}: when, and where? Say it, or say that it is not decided."
        yield reading.issue(kept[0].start(), kept[0].end(), "vague", "minor", message)


RULES = (Rule(quarters, PLAIN), Rule(someday, PLAIN))
