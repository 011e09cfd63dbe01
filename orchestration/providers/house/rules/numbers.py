"""Figures written in two ways, or in a way that English reads otherwise."""

import re
from collections.abc import Iterator

from orchestration.providers.house.lexicon import number
from orchestration.providers.house.reading import PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue

_CURRENCY = r"(?:EUR|USD|GBP|CHF|euros?|dollars|pounds|€|\$|£)"
_POINT_THOUSANDS = re.compile(
    rf"(?:(?P<before>{_CURRENCY})\s?)?(?<![\d.,])(?P<figure>\d{{1,3}}(?:\.\d{{3}})+)(?![\d.,]*\d)(?P<after>\s?{_CURRENCY}\b|"
    r"\s?€)?"
)
_COMMA_DECIMAL = re.compile(
    rf"(?<![\d.,])(?P<figure>\d{{1,3}},\d{{1,2}})(?!\d)(?=\s?(?:%|percent\b|per cent\b|million\b|"
    rf"billion\b|thousand\b|kg\b|km\b|{_CURRENCY}))"
)
_COMMA_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_WORDS = re.compile(
    r"(?<![-\w])(?P<word>eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-[a-z]+)?) (?P<noun>[a-z]+s)\b"
)
_FIGURES = re.compile(r"(?<![\w.,$€£%/:#-])(?P<n>[1-9]\d) (?P<noun>[a-z]{3,}s)\b")


def separators(reading: Reading) -> Iterator[Issue]:
    """Find "18.000 EUR" and "2,6 million"."""
    view = reading.prose.view
    thousands = _COMMA_THOUSANDS.search(view)
    for found in _POINT_THOUSANDS.finditer(view):
        if not (found["before"] or found["after"]):
            continue
        fixed = found["figure"].replace(".", ",")
        quote = found.group().strip()
        start = view.index(quote, found.start())
        message = (
            f"“{found['figure']}” reads as a small decimal in English; thousands take a comma: “{fixed}”."
        )
        suggestion = quote.replace(found["figure"], fixed)
        yield reading.issue(start, start + len(quote), "number", "moderate", message, suggestion=suggestion)
    for found in _COMMA_DECIMAL.finditer(view):
        fixed = found["figure"].replace(",", ".")
        beside = f" (“{thousands.group()}” uses the comma for thousands)" if thousands else ""
        message = f"“{found['figure']}” has a decimal comma{beside}; English writes “{fixed}”."
        start, end = found.start("figure"), found.end("figure")
        unit = re.match(r"\s?\w+|\s?%", view[end : end + 12])
        stop = end + (unit.end() if unit else 0)
        suggestion = fixed + view[end:stop]
        yield reading.issue(start, stop, "number", "moderate", message, suggestion=suggestion)


def styles(reading: Reading) -> Iterator[Issue]:
    """Find numbers over ten written as words in a text that otherwise writes figures."""
    view = reading.prose.view
    words = [hit for hit in _WORDS.finditer(view) if _counts(reading, hit)]
    figures = [hit for hit in _FIGURES.finditer(view) if int(hit["n"]) > 10 and _counts(reading, hit)]
    if words and figures and len(words) <= len(figures) + 1:
        odd, other = words[0], figures[0]
        message = (
            f"“{odd.group()}” is written out, “{other.group()}” in figures: choose one way for "
            "numbers over ten."
        )
        value = number(odd["word"])
        suggestion = f"{value} {odd['noun']}" if value is not None else None
        yield reading.issue(odd.start(), odd.end(), "consistency", "minor", message, suggestion=suggestion)


def _counts(reading: Reading, found: re.Match[str]) -> bool:
    sentence = reading.prose.sentence_at(found.start())
    return (
        sentence is not None
        and sentence.start != found.start()
        and reading.narrated(found.start(), found.end())
    )


RULES = (Rule(separators, PLAIN), Rule(styles, PLAIN))
