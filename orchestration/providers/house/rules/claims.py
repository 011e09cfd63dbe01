"""Claims that do not carry their proof."""

import re
from collections.abc import Iterator

from orchestration.providers.house.reading import PLAIN, Reading, Rule, listed
from orchestration.providers.house.results import Issue

_INDEPENDENT = re.compile(
    r"\b(?P<claim>independent (?:study|report|survey|review|audit|analysis|test|research))\b[^.!?\n]{0,80}?"
    r"\b(?P<payer>(?:commissioned|funded|paid for|sponsored|financed) by (?P<who>[A-Z]\w+|us|the company|"
    r"our))"
)
_CHANGE = re.compile(
    r"\b(?P<verb>reduced|increased|cut|improved|grew|rose|fell|dropped|decreased|boosted|lowered|raised|"
    r"saved|declined)"
    r"(?: [\w-]+){0,4}? by (?:up to |over |about |nearly |around )?(?P<figure>\d[\d.,]*\s?(?:%|percent|"
    r"per cent))"
)
_BASELINE = re.compile(
    r"\b(?:compared (?:to|with)|than|against|versus|vs|year[- ]on[- ]year|relative to|baseline|from \d|"
    r"since|last (?:year|month|quarter))\b",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"\b(?P<what>[Aa]doption|[Uu]ptake|[Ss]atisfaction|[Ee]ngagement|[Rr]etention|[Aa]ttendance|[Uu]sage|"
    r"[Aa]pproval)"
    r" (?:was|is|were|stood|stands)(?: at)? (?P<figure>\d[\d.,]*\s?(?:%|percent|per cent))(?!\s+(?:of|"
    r"among|in)\b)"
)
_NOBODY = re.compile(
    r"\b(?P<who>[Ss]tudies (?:show|have shown|suggest)|[Rr]esearch (?:shows|suggests|has shown)|"
    r"[Ee]xperts (?:say|agree|believe)|"
    r"[Mm]any people (?:say|believe|think)|[Ss]ome people (?:say|believe|think)|[Ii]t is (?:widely|"
    r"generally|commonly) "
    r"(?:known|believed|accepted|agreed)|[Ee]veryone knows|[Ii]t is well known)\b"
)
_CITATION = re.compile(r"\[\d|\(\d{4}\)|\([A-Z]\w+[^)]*\d{4}\)|https?:|\ufffc")


def independence(reading: Reading) -> Iterator[Issue]:
    """Find the independent study that its subject paid for."""
    for found in _INDEPENDENT.finditer(reading.prose.view):
        message = (
            f"“{found['claim']}” and “{found['payer']}”: a study paid for by its subject is not "
            "independent; say which it is."
        )
        yield reading.issue(found.start("claim"), found.end("payer"), "contradiction", "major", message)


def baselines(reading: Reading) -> Iterator[Issue]:
    """Find percentages of change that do not say from what, and rates that do not say of what."""
    for sentence in reading.prose.sentences:
        view = reading.prose.view
        found = list(_CHANGE.finditer(view, sentence.start, sentence.end))
        if found and not _BASELINE.search(view, sentence.start, sentence.end):
            figures = listed(hit["figure"] for hit in found)
            first = found[0]
            message = f"{figures}: compared with what? Name the starting point."
            yield reading.issue(first.start(), first.end(), "vague", "minor", message)
        for rate in _RATE.finditer(view, sentence.start, sentence.end):
            message = f"“{rate.group()}”: {rate['figure']} of what?"
            yield reading.issue(rate.start(), rate.end(), "vague", "minor", message)


def sources(reading: Reading) -> Iterator[Issue]:
    """Find statements laid to nobody in particular ("studies show")."""
    for found in _NOBODY.finditer(reading.prose.view):
        sentence = reading.prose.sentence_at(found.start())
        if sentence is None or not reading.narrated(found.start(), found.end()):
            continue
        if not _CITATION.search(reading.prose.view, sentence.start, sentence.end):
            message = f"“{found['who']}”: name one, or make the claim your own."
            yield reading.issue(found.start(), found.end(), "vague", "minor", message)


RULES = (Rule(independence, PLAIN), Rule(baselines, PLAIN), Rule(sources, PLAIN))
