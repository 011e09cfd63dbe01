"""Dates that contradict each other, the calendar or simple arithmetic, or that lack a part."""

import datetime
import re
from collections.abc import Iterator

from orchestration.providers.house.lexicon import MONTHS, WEEKDAYS, number
from orchestration.providers.house.reading import EVERY, MODERN, PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue

_MONTH = "|".join(month.capitalize() for month in MONTHS)
_DAY = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: (?:{_MONTH}))?|(?:{_MONTH}) \d{{1,2}}(?:st|nd|rd|th)?|"
    rf"{'|'.join(d.capitalize() for d in WEEKDAYS)})"
)
_MOVED = re.compile(
    rf"\b(?:moved|changed|postponed|rescheduled|shifted|brought forward|pushed back|put back|is now|delayed)"
    rf"(?: back| forward)? ?(?:to|until|on|for)? (?:the )?(?P<new>{_DAY})\b(?:[ (,]+not (?:the |on the |"
    rf"on )?(?P<old>{_DAY})\b)?"
)
_STILL = re.compile(rf"\bstill (?:on|at|for|set for|planned for|due on) (?:the )?(?P<day>{_DAY})\b")
_CLOSED = re.compile(r"\b(?:closed|(?:a|public|bank) holiday|not open)\b", re.IGNORECASE)
_EVENT = re.compile(
    r"\b(?P<event>launch|meeting|event|workshop|call|party|opening|training|release|"
    rf"interview)\b[^.!?\n]{{0,24}}?"
    rf"\bon (?:the )?(?P<day>{_DAY})\b"
)
_ORDINAL = re.compile(
    r"\b[Tt]he (?P<day>\d{1,2}(?:st|nd|rd|th))\b(?=[\s]*[,.;:()!?]|\s+(?:is|was|for|at|in|so|and|but|not|"
    r"because|as|if)\b|\s*$)"
)
_FULL = re.compile(
    rf"\b(?:(?P<weekday>{'|'.join(d.capitalize() for d in WEEKDAYS)}),? (?:the )?)?"
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})|(?P<month2>{_MONTH}) "
    rf"(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?)"
    rf"(?:,? (?P<year>(?:1[6-9]|20|21)\d\d))?\b"
)
_DATELINE = re.compile(
    rf"^[*_]*(?P<place>[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]+)?), (?P<date>\d{{1,2}} (?:{_MONTH})|(?:{_MONTH}) "
    rf"\d{{1,2}})[.,:]?[*_]*(?!,? \d)(?=[ .:–—-]|$)"
)
_YEAR = re.compile(r"\b(?:1[6-9]|20|21)\d\d\b")
_SINCE = re.compile(
    r"\b(?:[Ff]ounded|[Ee]stablished|[Ss]tarted|[Cc]reated|[Oo]pened|[Ll]aunched|[Bb]egan|"
    r"[Ii]ncorporated)(?: in)? "
    r"(?P<year>(?:1[6-9]|20)\d\d)\b(?P<between>[^.!?\n]{0,160}?)\b(?:for|its|with|after|of) "
    r"(?P<claim>(?:(?:over|more than|nearly|almost|some|about) )?(?P<n>\d{1,3}|[a-z]+(?:-[a-z]+)?) years)\b"
)
_BORN = re.compile(
    r"\b[Bb]orn (?:in|on [^.!?]{3,20}) (?P<born>1[6-9]\d\d|20\d\d)\b(?P<between>[^!?\n]{0,200}?)"
    r"\b(?:aged|at the age of|at age|was) (?P<age>\d{1,2}|[a-z]+(?:-[a-z]+)?)\b(?: years old)?"
    r"[^.!?\n]{0,40}?\bin (?P<year>1[6-9]\d\d|20\d\d)\b"
)
_REVERSED = re.compile(
    r"\b(?:from|between) (?P<a>(?:1[6-9]|20)\d\d) (?:to|and|until) (?P<b>(?:1[6-9]|20)\d\d)\b"
)


def moved(reading: Reading) -> Iterator[Issue]:
    """Find a date that was moved and later stands where it was."""
    view = reading.prose.view
    for found in _MOVED.finditer(view):
        new, old = found["new"], found["old"]
        for later in _STILL.finditer(view, found.end()):
            if later["day"] != new and (old is None or later["day"] == old):
                message = f"“{later.group()}” contradicts “{found.group()}” above."
                yield reading.issue(later.start(), later.end(), "contradiction", "major", message)


def closed(reading: Reading) -> Iterator[Issue]:
    """Find an event on a day that the same sentence calls a holiday or closed."""
    for sentence in reading.running:
        view = reading.prose.view
        shut = _CLOSED.search(view, sentence.start, sentence.end)
        event = _EVENT.search(view, sentence.start, sentence.end)
        if not shut or not event or event.start() < shut.start():
            continue
        if event["day"] in view[sentence.start : shut.start()]:
            message = (
                f"“{event['day']}” is closed or a holiday in the same sentence, and yet the "
                f"{event['event']} is on it."
            )
            yield reading.issue(event.start(), event.end(), "contradiction", "major", message)


def calendar(reading: Reading) -> Iterator[Issue]:
    """Find days that do not exist and weekdays that do not fit."""
    for found in _FULL.finditer(reading.prose.view):
        day = int(found["day"] or found["day2"])
        month = MONTHS.index((found["month"] or found["month2"]).lower()) + 1
        year = int(found["year"]) if found["year"] else 2000
        try:
            date = datetime.date(year, month, day)
        except ValueError:
            if day <= 31 or found["day"]:
                yield _calendar(reading, found, "There is no such day")
            continue
        if found["weekday"] and found["year"] and date.weekday() != WEEKDAYS.index(found["weekday"].lower()):
            yield _calendar(reading, found, f"That day is a {WEEKDAYS[date.weekday()].capitalize()}")


def _calendar(reading: Reading, found: re.Match[str], fact: str) -> Issue:
    quote = reading.prose.source[found.start() : found.end()]
    return reading.issue(found.start(), found.end(), "date", "major", f"{fact}: “{quote}”.")


def arithmetic(reading: Reading) -> Iterator[Issue]:
    """Find years that do not add up: founded 1987 and over 40 years with no date after 2019."""
    view = reading.prose.view
    for found in _SINCE.finditer(view):
        years = number(found["n"])
        if years is None or years < 2:
            continue
        reached = int(found["year"]) + years
        named = [int(hit.group()) for hit in _YEAR.finditer(view)]
        if max(named) < reached:
            latest = (
                f"the latest year in the text is {max(named)}"
                if max(named) > int(found["year"])
                else "no later year is named"
            )
            message = f"“{found['claim']}” from {found['year']} holds only from {reached} on; {latest}."
            yield reading.issue(found.start("claim"), found.end("claim"), "date", "major", message)
    for found in _BORN.finditer(view):
        age = number(found["age"])
        if age is not None and abs(int(found["year"]) - int(found["born"]) - age) > 1:
            actual = int(found["year"]) - int(found["born"])
            message = f"Born in {found['born']}, someone is about {actual} in {found['year']}, not {age}."
            yield reading.issue(found.start("age"), found.end(), "contradiction", "major", message)
    for found in _REVERSED.finditer(view):
        if int(found["a"]) > int(found["b"]):
            yield reading.issue(
                found.start(), found.end(), "date", "major", f"“{found.group()}” runs backwards."
            )


def incomplete(reading: Reading) -> Iterator[Issue]:
    """Find a date line without a year, and days of no month."""
    prose = reading.prose
    for block in prose.paragraphs():
        found = _DATELINE.match(prose.view[block.start : block.end])
        if found:
            start, end = block.start + found.start("date"), block.start + found.end("date")
            message = f"The date line “{found['date']}” has no year; a reader of the archive will need it."
            yield reading.issue(start, end, "vague", "minor", message)
    days = [hit for hit in _ORDINAL.finditer(prose.view) if reading.narrated(hit.start(), hit.end())]
    if days and not re.search(rf"\b(?:{_MONTH})\b", prose.view):
        listed = ", ".join(dict.fromkeys(f"“the {hit['day']}”" for hit in days))
        message = f"{listed}: no month is named anywhere in the text."
        yield reading.issue(days[0].start(), days[0].end(), "vague", "minor", message)


RULES = (
    Rule(moved, PLAIN),
    Rule(closed, PLAIN),
    Rule(calendar, MODERN),
    Rule(arithmetic, EVERY),
    Rule(incomplete, PLAIN),
)
