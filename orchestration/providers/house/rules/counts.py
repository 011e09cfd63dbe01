"""Announced numbers that the text itself contradicts."""

import re
from collections.abc import Iterator

from orchestration.providers.house.lexicon import MONTHS, number
from orchestration.providers.house.reading import EVERY, MODERN, PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue

_NUMBER = r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})"
_ENUMERATED = re.compile(
    rf"\b(?:[Tt]he|[Tt]hese|[Tt]hose|[Oo]ur|[Ii]ts|[Tt]heir|[Aa]ll)? ?(?P<n>{_NUMBER}) (?:[a-z-]+ "
    rf"){{0,2}}?(?P<noun>[a-z]+s) "
    rf"(?:were|are|is)(?: called| named)?:? (?P<items>[^.;:!?()]+)",
    re.IGNORECASE,
)
_COLON = re.compile(
    rf"\b(?P<n>{_NUMBER}) (?:[a-z-]+ ){{0,2}}?(?P<noun>[a-z]+s)\s?: (?P<items>[^.;:!?()\n]+)(?=[.;!?]|$)",
    re.IGNORECASE,
)
_LISTED = (
    r"steps|reasons|things|points|items|options|ways|parts|rules|goals|questions|stages|phases|principles|"
    r"features|"
    r"tasks|topics|changes|benefits|requirements|ingredients|sections"
)
_LIST_LEAD = re.compile(
    rf"(?:\b(?P<n>{_NUMBER}) (?:[a-z-]+ ){{0,2}}?(?P<noun>{_LISTED})"
    rf"|\b(?:here are|there are|the following|these are|following)(?: the| our| these)? (?P<n2>{_NUMBER}) "
    r"(?:[a-z-]+ ){0,2}?(?P<noun2>[a-z]+s))\b[^.!?\n]{0,60}:\s*$",
    re.IGNORECASE,
)
_SPLIT = re.compile(r",\s*(?:and|or|&)\s+|,\s*|\s+(?:and|or|&)\s+")
_BOTH = re.compile(r"\b[Bb]oth (?P<items>[\w’' -]+, [\w’' -]+,? and [\w’'-]+)")
_MONTH = "|".join(month.capitalize() for month in MONTHS)
_SPAN = re.compile(rf"\bfrom (?P<a>{_MONTH}) (?:to|until|through) (?P<b>{_MONTH})\b")
_MONTHS_LONG = re.compile(r"\b(?P<n>[a-z]+|\d{1,2})[- ]months?\b(?: (?P<noun>[a-z]+))?", re.IGNORECASE)
_YEARS = re.compile(r"\bfrom (?P<a>(?:18|19|20)\d\d) (?:to|until|through) (?P<b>(?:18|19|20)\d\d)\b")
_YEARS_LONG = re.compile(r"\b(?P<n>[a-z]+|\d{1,2})[- ]year\b", re.IGNORECASE)


def enumerations(reading: Reading) -> Iterator[Issue]:
    """Find "the four cities were A, B and C"."""
    for pattern in (_ENUMERATED, _COLON):
        for found in pattern.finditer(reading.prose.view):
            announced = number(found["n"])
            items = _items(found["items"])
            if (
                announced is None
                or items is None
                or len(items) == announced
                or reading.in_heading(found.start())
            ):
                continue
            end = found.start("items") + len(found["items"].rstrip())
            message = (
                f"“{found['n']} {found['noun']}” are announced and {len(items)} named. "
                "Which is right is for the author to say."
            )
            yield reading.issue(found.start("n"), end, "contradiction", "major", message)


def _items(text: str) -> list[str] | None:
    """The parts of an enumeration, None when it is not plainly one."""
    if "," not in text and " and " not in text:
        return None
    parts = [part.strip(" *_“”\"'\n") for part in _SPLIT.split(text.strip())]
    if len(parts) < 2 or not re.search(r"\b(?:and|or|&)\s+\S+(?:\s\S+){0,3}$", text.strip()):
        return None
    capitals = all(part[:1].isupper() or part[:1].isdigit() for part in parts)
    short = all(0 < len(part.split()) <= (4 if capitals else 2) for part in parts)
    return parts if short and (capitals or len(parts) >= 3) else None


def lists(reading: Reading) -> Iterator[Issue]:
    """Find "the following five steps:" above a list of four."""
    blocks = reading.prose.blocks
    for index, block in enumerate(blocks):
        found = _LIST_LEAD.search(reading.prose.view[block.start : block.end])
        if not found or block.kind == "heading":
            continue
        count = 0
        for following in blocks[index + 1 :]:
            if following.kind != "item" or _indent(reading, following.start) > _indent(
                reading, blocks[index + 1].start
            ):
                if following.kind != "item":
                    break
                continue
            count += 1
        figure, noun = ("n", "noun") if found["n"] else ("n2", "noun2")
        announced = number(found[figure])
        if count >= 2 and announced is not None and announced != count:
            start = block.start + found.start(figure)
            end = block.start + found.end(noun)
            message = f"“{found[figure]} {found[noun]}” are announced; the list has {count}."
            yield reading.issue(start, end, "contradiction", "major", message)


def _indent(reading: Reading, offset: int) -> int:
    line = reading.prose.source.rfind("\n", 0, offset) + 1
    text = reading.prose.source[line:offset]
    return len(text) - len(text.lstrip())


def both(reading: Reading) -> Iterator[Issue]:
    """Find "both A, B and C"."""
    for found in _BOTH.finditer(reading.prose.view):
        items = _items(found["items"])
        if items is not None and len(items) > 2:
            message = f"“both” holds two; {len(items)} are named."
            yield reading.issue(found.start(), found.end(), "contradiction", "minor", message)


def spans(reading: Reading) -> Iterator[Issue]:
    """Find "the nine-month pilot, from May to November", "a three-year study from 2015 to 2021"."""
    for sentence in reading.prose.sentences:
        view = reading.prose.view
        months = _SPAN.search(view, sentence.start, sentence.end)
        long = _MONTHS_LONG.search(view, sentence.start, sentence.end)
        if months and long and (announced := number(long["n"])) is not None:
            inclusive = (MONTHS.index(months["b"].lower()) - MONTHS.index(months["a"].lower())) % 12 + 1
            if announced not in (inclusive, inclusive - 1) and announced <= 12:
                spelled = f"{months['a']} to {months['b']} is {inclusive} months at most"
                yield _span(reading, long, spelled)
        years = _YEARS.search(view, sentence.start, sentence.end)
        length = _YEARS_LONG.search(view, sentence.start, sentence.end)
        if years and length and (announced := number(length["n"])) is not None:
            span = int(years["b"]) - int(years["a"])
            if span > 0 and announced not in (span, span + 1):
                yield _span(reading, length, f"{years['a']} to {years['b']} is {span} years")


def _span(reading: Reading, found: re.Match[str], fact: str) -> Issue:
    quote = reading.prose.source[found.start() : found.end()]
    message = f"“{quote}” does not fit: {fact}."
    return reading.issue(found.start(), found.end(), "contradiction", "major", message)


_TEAM = re.compile(r"\b(?:team|group|staff|crew|panel) of (?P<n>\d{1,4}) (?P<noun>[a-z]+s)\b")
_AGAIN = re.compile(r"\b(?:the|all|our|these|those) (?P<n>\d{1,4}) (?P<noun>[a-z]+s)\b", re.IGNORECASE)


def teams(reading: Reading) -> Iterator[Issue]:
    """Find "a team of 45 engineers" that later is "the 54 engineers"."""
    for first in _TEAM.finditer(reading.prose.view):
        for again in _AGAIN.finditer(reading.prose.view, first.end()):
            if again["noun"] == first["noun"] and again["n"] != first["n"]:
                message = f"“{again.group()}” contradicts “{first.group()}” above."
                yield reading.issue(again.start(), again.end(), "contradiction", "major", message)
                break


RULES = (
    Rule(enumerations, MODERN),
    Rule(lists, PLAIN),
    Rule(both, PLAIN),
    Rule(spans, EVERY),
    Rule(teams, PLAIN),
)
