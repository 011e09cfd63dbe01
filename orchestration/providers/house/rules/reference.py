"""Pronouns and conditions that could point to more than one thing."""

import re
from collections.abc import Iterator
from itertools import pairwise

from orchestration.providers.house.reading import PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue

_OPINION = re.compile(
    r"\b(?P<name>[A-Z][a-z]+) (?:thinks|says|believes|feels|said|thought|told \w+|claims) (?:that "
    r")?(?P<he>he|she) (?:is|was|has|will|can)\b"
)
_PERSON = re.compile(
    r"\b(?:the|a|an|our|her|his|their) (?P<person>[a-z]{2,}(?:grapher|igner|tor|ician|writer|ger|eer|yer|"
    r"ant|ist|nter|cher|mer|ler|cer|ver|wner))\b"
)
_TOLD = re.compile(
    r"\b(?P<first>[Tt]he [a-z]+|[A-Z][a-z]+) (?:told|informed|assured|warned|asked) "
    r"(?P<second>the [a-z]+|[A-Z][a-z]+) (?:that |if |whether )(?P<he>he|she)\b"
)
_PARTICIPLE_WHICH = re.compile(
    r"\b(?:being|be|are|is|was|were|been) (?P<verb>[a-z]+(?:ed|ent|ne|wn|ught|ut)), which (?P<then>takes|"
    r"means|makes|is|was|will|can|gives|costs|needs)\b"
)
_UNTIL_BEFORE = re.compile(
    r"\b(?P<first>until)\b (?P<middle>[^,.;:!?\n]{4,70}?) (?P<second>before|after|unless)\b"
)


def pronouns(reading: Reading) -> Iterator[Issue]:
    """Find "… the photographer. Tom thinks that he is …"."""
    sentences = reading.running
    for before, after in pairwise(sentences):
        view = reading.prose.view
        opinion = _OPINION.search(view, after.start, after.end)
        if not opinion or before.block is not after.block:
            continue
        others = list(_PERSON.finditer(view, before.start, before.end))
        if others:
            who, he = others[-1]["person"], opinion["he"]
            message = f"“{he}” can be {opinion['name']} or the {who}; name the one you mean."
            yield reading.issue(opinion.start(), opinion.end(), "reference", "minor", message)


def told(reading: Reading) -> Iterator[Issue]:
    """Find "the treasurer told the headmaster that he would": which of them?"""
    for found in _TOLD.finditer(reading.prose.view):
        if reading.narrated(found.start(), found.end()):
            first = found["first"].replace("The ", "the ")
            message = f"“{found['he']}” can be {first} or {found['second']}; name the one you mean."
            start = found.start("second")
            yield reading.issue(start, found.end(), "reference", "minor", message)


def clauses(reading: Reading) -> Iterator[Issue]:
    """Find ", which takes" after a verb, where "which" has no noun to point to."""
    for found in _PARTICIPLE_WHICH.finditer(reading.prose.view):
        if reading.narrated(found.start(), found.end()):
            start, end = found.start("verb"), found.end()
            message = (
                f"“which {found['then']}” points at “{found['verb']}”, or at something earlier in "
                "the sentence; name the noun."
            )
            yield reading.issue(start, end, "reference", "minor", message)


def conditions(reading: Reading) -> Iterator[Issue]:
    """Find "until … before …" in one clause."""
    for found in _UNTIL_BEFORE.finditer(reading.prose.view):
        if reading.narrated(found.start(), found.end()):
            message = (
                f"“{found['first']} … {found['second']}” ties two conditions into one clause; say "
                "what waits for what."
            )
            tail = found["middle"].split()[-2:]
            start = reading.prose.view.rindex(tail[0], found.start("middle"), found.end("middle"))
            yield reading.issue(start, found.end(), "reference", "minor", message)


RULES = (Rule(pronouns, PLAIN), Rule(told, PLAIN), Rule(clauses, PLAIN), Rule(conditions, PLAIN))
