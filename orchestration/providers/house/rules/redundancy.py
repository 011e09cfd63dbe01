"""Things said twice in one breath."""

import re
from collections.abc import Iterator

from orchestration.providers.house.phrases import PhraseTable
from orchestration.providers.house.reading import PLAIN, Reading, Rule, recase
from orchestration.providers.house.results import Issue

_ONCE: dict[str, tuple[str, bool]] = {
    "end result": ("result", True),
    "end results": ("results", True),
    "past history": ("history", True),
    "free gift": ("gift", True),
    "added bonus": ("bonus", True),
    "advance planning": ("planning", True),
    "advance warning": ("warning", True),
    "future plans": ("plans", True),
    "final outcome": ("outcome", True),
    "basic fundamentals": ("fundamentals", True),
    "basic essentials": ("essentials", True),
    "close proximity": ("proximity", True),
    "completely eliminate": ("eliminate", True),
    "completely finished": ("finished", True),
    "completely unanimous": ("unanimous", True),
    "absolutely essential": ("essential", True),
    "absolutely necessary": ("necessary", True),
    "absolutely certain": ("certain", True),
    "completely unique": ("unique", True),
    "totally unique": ("unique", True),
    "consensus of opinion": ("consensus", True),
    "unexpected surprise": ("surprise", True),
    "personal opinion": ("opinion", True),
    "repeat again": ("repeat", True),
    "revert back": ("revert", True),
    "return back": ("return", True),
    "reply back": ("reply", True),
    "refer back": ("refer", True),
    "join together": ("join", True),
    "combine together": ("combine", True),
    "merge together": ("merge", True),
    "collaborate together": ("collaborate", True),
    "plan ahead": ("plan", False),
    "the reason why is because": ("the reason is that", True),
    "the reason is because": ("the reason is that", True),
    "period of time": ("period", False),
    "new innovation": ("innovation", True),
    "new innovations": ("innovations", True),
    "still remains": ("remains", True),
    "true facts": ("facts", True),
    "usual custom": ("custom", True),
    "whole entire": ("whole", True),
    "basically completely": ("completely", True),
    "12 noon": ("noon", True),
    "earliest possible convenience": ("earliest convenience", True),
    "reach out and let me know": ("let me know", True),
    "reach out and let us know": ("let us know", True),
    "and also": ("and", False),
    "but however": ("but", True),
    "in actual fact": ("in fact", True),
    "the fact of the matter is that": ("in fact", False),
    "circle around": ("circle", False),
    "brief summary": ("summary", False),
    "mutual cooperation": ("cooperation", True),
    "two twins": ("twins", False),
    "pin number": ("PIN", False),
    "atm machine": ("ATM", False),
}
_QUIET = frozenset(
    ("and also", "plan ahead", "circle around", "brief summary", "period of time", "refer back")
)
_PHRASES = PhraseTable({key: (key, *value) for key, value in _ONCE.items()})
_HEDGES = re.compile(
    r"\b(?P<modal>may|might|could|will) (?P<able>be able to )?(?P<more>possibly |perhaps |maybe "
    r")?(?P<extra>possibly|perhaps|maybe|potentially|"
    r"conceivably) ",
    re.IGNORECASE,
)
_EXPECTED = re.compile(
    r"\b[Ii]t is (?:anticipated|expected|believed|estimated|thought|understood|claimed|reported|"
    r"predicted) that\b"
)
_SOURCE = re.compile(r"\baccording to\b", re.IGNORECASE)


def phrases(reading: Reading) -> Iterator[Issue]:
    """Find pairs of which one word says it all."""
    for hit in _PHRASES.find(reading.prose):
        phrase, once, certain = hit.value
        if phrase in _QUIET or hit.words[0].quoted:
            continue
        original = reading.prose.source[hit.start : hit.end]
        fixed = recase(original, once)
        message = f"“{original}” says one thing twice: “{fixed}”."
        yield reading.issue(
            hit.start, hit.end, "redundancy", "minor", message, suggestion=fixed, safe=certain
        )


def hedges(reading: Reading) -> Iterator[Issue]:
    """Find "may possibly", "may be able to possibly"."""
    for found in _HEDGES.finditer(reading.prose.view):
        if found["modal"].lower() == "will" and not found["more"]:
            continue
        end = found.end() - 1
        fixed = found["modal"] + (" be able to" if found["able"] else "")
        quote = reading.prose.source[found.start() : end]
        message = f"“{quote}” hedges more than once; “{fixed}” is doubt enough."
        safe = found["modal"].lower() != "will"
        yield reading.issue(found.start(), end, "redundancy", "minor", message, suggestion=fixed, safe=safe)


def attributions(reading: Reading) -> Iterator[Issue]:
    """Find "It is expected that …, according to …": attributed twice."""
    for sentence in reading.running:
        opening = _EXPECTED.search(reading.prose.view, sentence.start, sentence.end)
        source = _SOURCE.search(reading.prose.view, sentence.start, sentence.end)
        if opening and source:
            message = (
                f"“{opening.group()}” and “{source.group()}” attribute the same statement twice; "
                "name the source once and let it speak."
            )
            yield reading.issue(source.start(), source.end(), "redundancy", "minor", message)


RULES = (Rule(phrases, PLAIN), Rule(hedges, PLAIN), Rule(attributions, PLAIN))
