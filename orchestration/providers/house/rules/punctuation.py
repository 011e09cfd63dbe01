"""Marks that are doubled, misplaced or used in two ways."""

import re
from collections.abc import Iterator

from orchestration.providers.house.markdown import Block
from orchestration.providers.house.reading import EVERY, MODERN, PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue
from orchestration.providers.house.wordsets import word_set

_SHOUTS = re.compile(r"[\w*_]*(?P<marks>!{2,}|\?{2}(?!\?)|\?!+|!\?+)")
_SPACE_BEFORE = re.compile(r"\w(?P<gap> )(?P<mark>[,;])(?=\s)")
_DOUBLE = re.compile(r"\w+(?P<marks>,,|;;|(?<!\.)\.\.(?!\.))(?=\s|$)")
_SMALL_START = re.compile(r"(?<![.\w])(?P<end>[a-z]{4,}\. )(?P<word>[a-z]{2,})\b(?!-)")
_POSTSCRIPT = re.compile(r"^(?P<ps>P\.?S\.?[:,]?\s+)(?P<word>[a-z]+)")
_SURMISE = re.compile(r"^(?:I|We) (?:think|guess|believe|suppose|assume|reckon)\b")
_MAIL = re.compile(r"^(?:Subject:|Hi\b|Hello\b|Dear\b|Hey\b)", re.MULTILINE)
_PLUS = re.compile(r"\b[a-z]+ (?P<plus>\+) [a-z]+(?: [a-z]+)?")
_SERIAL = re.compile(r"\b(?P<list>[\w’'-]+, (?:[\w’'-]+ ?){1,2}, (?P<and>and|or) [\w’'-]+)")
_NO_SERIAL = re.compile(r"(?<!, )\b(?P<list>[\w’'-]+, (?:[\w’'-]+ ){1,2}(?P<and>and|or) [\w’'-]+)")
_ABBREVIATED = word_set("etc approx vols viz dept govt")
_NO_ITEM = word_set(
    "it he she they we you i there this that which who when if is are was were be been has have had "
    "will would can could should may might do does did not but so because while then also let please as "
    "of in on "
    "at by for with from to than one such"
)


def shouts(reading: Reading) -> Iterator[Issue]:
    """Find "!!" and "?!" outside dialogue."""
    for found in _SHOUTS.finditer(reading.prose.view):
        if not reading.narrated(found.start(), found.end()):
            continue
        kept = "?" if "?" in found["marks"] else "!"
        quote = reading.prose.source[found.start() : found.end()]
        message = f"“{found['marks']}” shouts; “{kept}” is enough."
        suggestion = quote[: -len(found["marks"])] + kept
        yield reading.issue(
            found.start(), found.end(), "punctuation", "minor", message, suggestion=suggestion, safe=True
        )


def slips(reading: Reading) -> Iterator[Issue]:
    """Find a space before a comma, a doubled comma or stop."""
    view, source = reading.prose.view, reading.prose.source
    for found in _SPACE_BEFORE.finditer(view):
        if source[found.start("gap")] != " ":
            continue
        message = f"No space before “{found['mark']}”."
        start, end = found.start(), found.end("mark")
        suggestion = source[start] + found["mark"]
        yield reading.issue(start, end, "punctuation", "minor", message, suggestion=suggestion, safe=True)
    for found in _DOUBLE.finditer(view):
        mark = found["marks"][0]
        quote = source[found.start() : found.end()]
        message = f"“{found['marks']}”: one “{mark}” is meant, or three for a pause."
        yield reading.issue(
            found.start(), found.end(), "punctuation", "minor", message, suggestion=quote[:-1]
        )


def capitals(reading: Reading) -> Iterator[Issue]:
    """Find sentences that begin with a small letter."""
    view = reading.prose.view
    for block in reading.prose.paragraphs():
        found = _POSTSCRIPT.match(view[block.start : block.end])
        if found:
            start, end = block.start, block.start + found.end()
            fixed = reading.prose.source[start : end - len(found["word"])] + found["word"].capitalize()
            message = f"A sentence begins here: “{found['word'].capitalize()}”."
            yield reading.issue(start, end, "punctuation", "minor", message, suggestion=fixed, safe=True)
    for found in _SMALL_START.finditer(view):
        if found["end"][:-2] in _ABBREVIATED or not reading.narrated(found.start(), found.end()):
            continue
        fixed = found["end"] + found["word"].capitalize()
        message = f"A sentence begins with a small letter: “{found['word']}”."
        yield reading.issue(found.start(), found.end(), "punctuation", "minor", message, suggestion=fixed)


def questions(reading: Reading) -> Iterator[Issue]:
    """Find a statement that ends in a question mark ("I think that's everything?")."""
    for sentence in reading.running:
        text = reading.prose.view[sentence.start : sentence.end]
        if text.endswith("?") and _SURMISE.match(text):
            last = sentence.words[-1]
            if reading.prose.view[last.end : sentence.end] == "?":
                message = "This is a statement: it takes a full stop, or make it a question."
                fixed = last.text + "."
                yield reading.issue(
                    last.start, sentence.end, "punctuation", "minor", message, suggestion=fixed
                )


def plus_signs(reading: Reading) -> Iterator[Issue]:
    """Find "+" for "and" in a letter."""
    if not _MAIL.search(reading.prose.view):
        return
    for found in _PLUS.finditer(reading.prose.view):
        quote = reading.prose.source[found.start() : found.end()]
        message = f"“{quote}”: write “and”."
        suggestion = quote.replace(" + ", " and ")
        yield reading.issue(
            found.start(), found.end(), "punctuation", "minor", message, suggestion=suggestion, safe=True
        )


def list_ends(reading: Reading) -> Iterator[Issue]:
    """Find a list of sentences of which some end in a full stop and some in nothing."""
    run: list[Block] = []
    for block in (*reading.prose.blocks, None):
        if block is not None and block.kind == "item":
            run.append(block)
            continue
        yield from _list(reading, run)
        run = []


def _list(reading: Reading, run: list[Block]) -> Iterator[Issue]:
    view = reading.prose.view
    items = [(block, view[block.start : block.end].rstrip()) for block in run]
    items = [
        (block, text)
        for block, text in items
        if len(text.split()) >= 6 and text[-1].isalnum() | (text[-1] == ".")
    ]
    stopped = [block for block, text in items if text.endswith(".")]
    if len(items) < 3 or len(items) != len(run) or not stopped or len(stopped) == len(items):
        return
    odd_ones = (
        stopped if len(stopped) * 2 <= len(items) else [block for block, _ in items if block not in stopped]
    )
    sentence = [s for s in reading.prose.sentences if s.block is odd_ones[0]][-1]
    first = sentence.words[-min(2, len(sentence.words))]
    message = (
        f"{len(stopped)} of {len(items)} points of this list end in a full stop, the others in "
        "nothing: choose one."
    )
    yield reading.issue(first.start, sentence.end, "consistency", "minor", message)


def serial_commas(reading: Reading) -> Iterator[Issue]:
    """Find lists with and lists without a comma before the last "and"."""
    with_comma = [hit for hit in _SERIAL.finditer(reading.prose.view) if _is_list(reading, hit)]
    without = [hit for hit in _NO_SERIAL.finditer(reading.prose.view) if _is_list(reading, hit)]
    if not with_comma or not without:
        return
    few, many = (with_comma, without) if len(with_comma) <= len(without) else (without, with_comma)
    odd, other = few[0], many[0]
    message = (
        f"“{odd['list']}” and “{other['list']}”: a comma before the last “{odd['and']}” in both, or "
        "in neither."
    )
    yield reading.issue(odd.start("list"), odd.end("list"), "consistency", "minor", message)


def _is_list(reading: Reading, hit: re.Match[str]) -> bool:
    words = hit["list"].lower().replace(",", "").split()
    if "\n" in hit["list"] or words[0].isdigit() or any(word in _NO_ITEM for word in words):
        return False
    return (
        reading.narrated(hit.start(), hit.end()) and reading.prose.view[hit.end() : hit.end() + 1] in ".,;:) "
    )


RULES = (
    Rule(shouts, MODERN),
    Rule(slips, EVERY),
    Rule(capitals, PLAIN),
    Rule(questions, PLAIN),
    Rule(plus_signs, PLAIN),
    Rule(list_ends, PLAIN),
    Rule(serial_commas, PLAIN),
)
