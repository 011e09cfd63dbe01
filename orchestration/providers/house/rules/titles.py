"""One person with two offices."""

import re
from collections.abc import Iterator

from orchestration.providers.house.prose import Sentence
from orchestration.providers.house.reading import PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue
from orchestration.providers.house.rules.names import sound

_OFFICE = re.compile(
    r"\b(?:[Cc]hief (?:[A-Z]?[a-z]+ ){1,2}[Oo]fficer|C[ETFMIO]O|(?:[Mm]anaging|[Ff]inance|[Ss]ales|"
    r"[Mm]arketing|"
    r"[Cc]reative|[Tt]echnical) [Dd]irector|[Cc]hair(?:man|woman|person)|[Vv]ice[- ][Pp]resident|"
    r"[Pp]resident|"
    r"[Hh]ead of [A-Z]?[a-z]+|[Ee]ditor[- ]in[- ][Cc]hief)\b"
)
_LETTERS = {
    "e": "executive",
    "t": "technology",
    "f": "financial",
    "m": "marketing",
    "i": "information",
    "o": "operating",
}
_PERSON = re.compile(r"\b(?P<first>[A-Z][a-zé]+) (?P<last>[A-Z][a-zé]+(?:-[A-Z][a-z]+)?)\b")
_CHANGE = re.compile(
    r"\b(?:former|formerly|then|previously|ex-|until|promoted|appointed|succeed|became|become|outgoing|"
    r"incoming|deputy|acting)\b",
    re.IGNORECASE,
)


def check(reading: Reading) -> Iterator[Issue]:
    """Find a second office given to somebody whose first is named elsewhere."""
    held: dict[tuple[str, str], tuple[str, str]] = {}
    for sentence in reading.prose.sentences:
        view = reading.prose.view
        for office in _OFFICE.finditer(view, sentence.start, sentence.end):
            person = _holder(view, sentence, office)
            if person is None or _CHANGE.search(view, sentence.start, sentence.end):
                continue
            key = (sound(person["first"].lower()), person["last"].lower())
            title = _normal(office.group())
            first = held.setdefault(key, (title, office.group()))
            if first[0] != title:
                yield _second(reading, office, person.group(), first[1])


def _holder(view: str, sentence: Sentence, office: re.Match[str]) -> re.Match[str] | None:
    """The nearest full name before the office in its sentence, else the one that directly follows it."""
    before = [
        hit
        for hit in _PERSON.finditer(view, sentence.start, office.start())
        if not _OFFICE.match(hit.group())
    ]
    if before:
        return before[-1]
    return _PERSON.match(view, office.end() + 1, sentence.end)


def _normal(office: str) -> str:
    lowered = office.lower().replace("-", " ")
    if len(lowered) == 3 and lowered.startswith("c") and lowered.endswith("o"):
        return f"chief {_LETTERS[lowered[1]]} officer"
    return lowered


def _second(reading: Reading, office: re.Match[str], person: str, first: str) -> Issue:
    message = f"{person} is “{first}” above and “{office.group()}” here: one person, two offices?"
    return reading.issue(office.start(), office.end(), "contradiction", "major", message)


RULES = (Rule(check, PLAIN),)
