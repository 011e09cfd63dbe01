"""Writes Markdown: emphasis around words, marks that are not meant escaped, blocks with blank lines."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Literal


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one kind of emphasis."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A finished block of Markdown."""

    kind: Literal["paragraph", "heading", "item", "quote", "break", "table"]
    text: str


_MARKS = re.compile(r"([\\`*\[\]<])|(?<!\w)(_)|(_)(?!\w)")
_BLOCK_START = re.compile(r"^(\s*)([#>+\-=~]|\d{1,9}(?=[.)]\s))", re.MULTILINE)
_OUTER_SPACE = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)


def escape(text: str) -> str:
    """Escape what Markdown would take for marks."""
    return _MARKS.sub(r"\\\g<0>", text)


def guard_start(text: str) -> str:
    """Escape what at the start of a line would make a list, a heading or a quote of a paragraph."""

    def guarded(found: re.Match[str]) -> str:
        space, mark = found.groups()
        rest = text[found.end() : found.end() + 1]
        if (mark in "+-" and not rest.isspace()) or (mark in "=~" and rest != mark):
            return found.group(0)
        return f"{space}{mark}" if mark.isdigit() else f"{space}\\{mark}"

    return re.sub(
        r"^(\s*\d{1,9})([.)])(?=\s)", r"\1\\\2", _BLOCK_START.sub(guarded, text), flags=re.MULTILINE
    )


def inline(runs: Iterable[Run], *, emphasis: bool = True) -> str:
    """Return runs as one line of Markdown; marks stand against the words, not against spaces."""
    parts: list[str] = []
    for (bold, italic), group in groupby(runs, key=lambda run: (run.bold, run.italic)):
        text = "".join(run.text for run in group)
        found = _OUTER_SPACE.match(text)
        before, core, after = found.groups() if found else ("", text, "")
        mark = ("**" if bold else "") + ("*" if italic else "") if emphasis and core else ""
        parts.append(f"{before}{mark}{escape(core)}{mark[::-1]}{after}")
    joined = re.sub(r"[^\S\n]+", " ", "".join(parts)).strip()
    lines = [line.strip() for line in joined.split("\n")]
    return "\\\n".join(lines) if emphasis else " ".join(lines)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose first row is its head; short rows are filled up."""
    filled = list(zip(*zip_longest(*rows, fillvalue=""), strict=True))
    lines = ["| " + " | ".join(row) + " |" for row in filled]
    return "\n".join([lines[0], "| " + " | ".join("---" for _ in filled[0]) + " |", *lines[1:]])


def join_blocks(blocks: Sequence[Block]) -> str:
    """Join blocks by blank lines; items of one list stand together, as do paragraphs of one quotation."""
    parts: list[str] = []
    previous = ""
    for block in blocks:
        if block.kind == previous == "quote":
            parts.append("\n>\n")
        elif parts:
            parts.append("\n" if block.kind == previous == "item" else "\n\n")
        parts.append(block.text)
        previous = block.kind
    return "".join(parts)
