"""Gaps that the author left to fill in later."""

import re
from collections.abc import Iterator

from orchestration.providers.house.reading import EVERY, PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue

_MARKS = re.compile(
    r"\b(?:TODO|FIXME|TBD|TBC|XXX)\b|\b[Ll]orem ipsum\b|\[(?:insert|your|name|date|company|"
    r"placeholder)[^\]\n]{0,40}\](?!\()|\?\?\?+"
)


def check(reading: Reading) -> Iterator[Issue]:
    """Find TODO, TBD, "[insert name]", lorem ipsum."""
    for found in _MARKS.finditer(reading.prose.view):
        shouted = found.group().startswith("?") and reading.register != "plain"
        if shouted or reading.in_heading(found.start()):  # a heading "XXX" is a Roman number
            continue
        message = f"“{found.group()}” is still to be filled in."
        yield reading.issue(found.start(), found.end(), "gap", "major", message)


def brackets(reading: Reading) -> Iterator[Issue]:
    """Find an opening parenthesis that its paragraph never closes."""
    for block in reading.prose.paragraphs():
        body = reading.prose.view[block.start : block.end]
        if body.count("(") == body.count(")") + 1 and not re.search(r"[:;]-?\(", body):
            start = block.start + _unclosed(body)
            end = min(start + 30, block.end)
            end = start + len(reading.prose.view[start:end].rsplit(" ", 1)[0]) if end < block.end else end
            message = "This parenthesis is never closed."
            yield reading.issue(start, end, "punctuation", "moderate", message)


def _unclosed(body: str) -> int:
    opened: list[int] = []
    for index, char in enumerate(body):
        if char == "(":
            opened.append(index)
        elif char == ")" and opened:
            opened.pop()
    return opened[-1] if opened else body.index("(")


RULES = (Rule(check, EVERY), Rule(brackets, PLAIN))
