"""Changes that can be made to a document without asking, and how they are made."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from orchestration.providers.house.prose import Prose
from orchestration.providers.house.request import FindingIn, locate
from orchestration.providers.house.results import Issue

MECHANICAL = frozenset(
    {"doubled word", "apostrophe", "agreement", "word choice", "spelling", "punctuation"}
)  # mistakes, as opposed to matters of style
_QUOTED = r"[\"“”'‘’](?P<{}>[^\"“”\n]{{1,120}}?)[\"“”'’]"
_REPLACE = re.compile(
    r"\b(?:replace|change|rename|correct)\s+(?:every\s+|all\s+|the\s+(?:name|word|"
    rf"phrase)\s+)?{_QUOTED.format('old')}"
    rf"\s+(?:with|to|by|into)\s+{_QUOTED.format('new')}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement and the category of what it mends."""

    start: int
    end: int
    text: str
    category: str


def of_issues(issues: Iterable[Issue]) -> Iterator[Edit]:
    """The safe ones of House's own issues."""
    for issue in issues:
        if issue.safe and issue.suggestion is not None:
            yield Edit(issue.start, issue.end, issue.suggestion, issue.category)


def of_finding(document: Prose, own: Iterable[Issue], finding: FindingIn) -> Edit | None:
    """The edit that an accepted finding calls for, None when its author must make it.

    House's own suggestions are made when they are safe. Another editor's are made where they touch neither
    quoted words nor a heading nor markup and stay inside one paragraph.
    """
    place = locate(document.source, finding)
    if place is None or finding.suggestion is None or finding.suggestion == finding.quote:
        return None
    start, end = place
    same = [
        issue
        for issue in own
        if issue.start == start and issue.end == end and issue.suggestion == finding.suggestion
    ]
    if same:
        safe = any(issue.safe for issue in same)
    else:
        safe = _is_plain_prose(document, start, end) and "\n" not in finding.suggestion
    return Edit(start, end, finding.suggestion, finding.category) if safe else None


def _is_plain_prose(document: Prose, start: int, end: int) -> bool:
    sentence = document.sentence_at(start)
    if sentence is None or sentence.block.kind == "heading" or end > sentence.block.end:
        return False
    return not document.quoted(start, end) and document.view[start:end] == document.source[start:end]


def agreed(document: Prose, instructions: str) -> list[Edit]:
    """Edits spelled out by the author: replace "X" with "Y", wherever X stands as a whole outside code."""
    found: list[Edit] = []
    for order in _REPLACE.finditer(instructions):
        old, new = order["old"], order["new"]
        pattern = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)")
        found.extend(Edit(hit.start(), hit.end(), new, "agreed") for hit in pattern.finditer(document.view))
    return found


def without_overlaps(edits: Iterable[Edit]) -> list[Edit]:
    """Keep the first of edits that touch the same words, in the order given; return them by position."""
    kept: list[Edit] = []
    for edit in edits:
        if all(edit.end <= other.start or other.end <= edit.start for other in kept):
            kept.append(edit)
    return sorted(kept, key=lambda edit: edit.start)


def apply(text: str, edits: list[Edit]) -> str:
    """Make edits that are ordered and do not overlap."""
    parts: list[str] = []
    position = 0
    for edit in edits:
        parts += (text[position : edit.start], edit.text)
        position = edit.end
    return "".join((*parts, text[position:]))
