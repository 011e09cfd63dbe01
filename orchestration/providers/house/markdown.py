"""Separates the prose of a Markdown text from its markup without moving a character."""

import re
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["paragraph", "heading", "item", "quote", "verse"]

_VERSE_WIDTH = 62  # characters; prose that is wrapped by hand is wider
OBJECT = "\ufffc"  # stands for code, an address, a picture: something that is there but is not prose

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:[ \t]+|$)")
_HEADING_TAIL = re.compile(r"[ \t]+#+[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(?:=+|-+)[ \t]*$")
_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_QUOTE = re.compile(r"^ {0,3}(?:>[ \t]?)+")
_TABLE_ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$")
_TABLE_RULE = re.compile(r"^[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?$")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]^][^\]]*\]:[ \t]*\S+.*$")
_NOTE_MARK = re.compile(r"^ {0,3}\[\^[^\]]+\]:[ \t]*")
_INDENTED = re.compile(r"^(?: {4}|\t)")

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_INLINE_OBJECTS = (
    re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL),
    re.compile(r"!\[[^\]\n]*\](?:\([^)\n]*\)|\[[^\]\n]*\])"),
    re.compile(r"<(?:https?|mailto|ftp):[^>\s]+>"),
    re.compile(r"\b(?:https?|ftp)://[^\s)>\]]+|\bwww\.[^\s)>\]]+"),
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    re.compile(r"\$\$.+?\$\$", re.DOTALL),
    re.compile(r"(?<![\w/.])(?:~|\.{1,2})?/?(?:[\w.@-]+/){2,}[\w.@-]*|(?<![\w/.])\.{0,2}/[\w.@-]+[\w./@-]*"),
    re.compile(
        r"(?<![\w.])[\w-]+\.(?:py|md|js|ts|css|html?|json|toml|ya?ml|txt|sh|sql|ini|cfg|lock|docx|pdf)\b"
    ),
    re.compile(r"(?<!\w)--?[A-Za-z][\w-]*(?:=\S+)?(?=[\s,.;:)]|$)"),
    re.compile(r"(?<![\w*])\w+_\w+(?:_\w+)*(?![\w*])"),
    re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z]+);"),
    re.compile(r"\[\^[^\]\n]+\]"),
)
_LINK_TAIL = re.compile(r"\](?:\((?:[^()\n]|\([^()\n]*\))*\)|\[[^\]\n]*\])")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")


@dataclass(frozen=True, slots=True)
class Block:
    """A run of prose: a paragraph, a heading, one list item, a quoted paragraph or a stanza."""

    kind: BlockKind
    start: int
    end: int


def blank(chars: list[str], start: int, end: int, filler: str = " ") -> None:
    """Overwrite a stretch, keeping its line breaks."""
    for index in range(start, end):
        if chars[index] != "\n":
            chars[index] = filler


def read(text: str) -> tuple[str, tuple[Block, ...]]:
    """Return a view of the same length in which everything that is not prose is blanked, with its blocks."""
    chars = list(text)
    for found in _COMMENT.finditer(text):
        blank(chars, found.start(), found.end())
    blocks = _Scanner(text, chars).blocks()
    _mask_inline(chars)
    return "".join(chars), tuple(block for block in blocks if block.end > block.start)


def _mask_inline(chars: list[str]) -> None:
    for found in _TAG.finditer("".join(chars)):
        blank(chars, found.start(), found.end())
    view = "".join(chars)
    for pattern in _INLINE_OBJECTS:
        for found in pattern.finditer(view):
            blank(chars, found.start(), found.end(), OBJECT)
        view = "".join(chars)
    for found in _LINK_TAIL.finditer(view):
        blank(chars, found.start(), found.end())
        opening = view.rfind("[", 0, found.start())
        if opening >= 0:
            chars[opening] = " "


class _Scanner:
    """One pass over the lines."""

    def __init__(self, text: str, chars: list[str]) -> None:
        self.chars = chars
        self.found: list[Block] = []
        self.kind: BlockKind | None = None
        self.start = self.end = self.lines = 0
        self.capital_lines = 0
        self.rows: list[tuple[int, str]] = []
        position = 0
        for line in text.splitlines(keepends=True):
            self.rows.append((position, line.rstrip("\r\n")))
            position += len(line)

    def blocks(self) -> list[Block]:
        index = self._front_matter()
        after_blank = True
        in_list = False
        while index < len(self.rows):
            position, line = self.rows[index]
            fence = _FENCE.match(line)
            if fence:
                index = self._fenced(index, fence.group(1))
                after_blank = True
                continue
            if not line.strip():
                self._close()
                after_blank = True
                index += 1
                continue
            in_list = bool(_ITEM.match(line)) or (in_list and line[0] in " \t")
            self._line(index, position, line, code=after_blank and not in_list)
            after_blank = False
            index += 1
        self._close()
        return self.found

    def _front_matter(self) -> int:
        if not self.rows or self.rows[0][1].strip() != "---":
            return 0
        for index in range(1, len(self.rows)):
            if self.rows[index][1].strip() == "---":
                self._blank_rows(0, index)
                return index + 1
        return 0

    def _fenced(self, index: int, mark: str) -> int:
        self._close()
        last = index
        for last in range(index + 1, len(self.rows)):
            line = self.rows[last][1].strip()
            if line.startswith(mark) and not line.strip(mark[0]):
                break
        self._blank_rows(index, last)
        return last + 1

    def _blank_rows(self, first: int, last: int) -> None:
        for position, line in self.rows[first : last + 1]:
            blank(self.chars, position, position + len(line))

    def _line(self, index: int, position: int, line: str, *, code: bool) -> None:
        if (
            ((code or self.kind is None) and code and _INDENTED.match(line))
            or self._is_table(index, line)
            or _DEFINITION.match(line)
        ):
            self._drop(position, line)
        elif self.kind == "paragraph" and _UNDERLINE.match(line):
            if self.lines == 1:
                self.kind = "heading"
            self._drop(position, line)
        elif _RULE.match(line):
            self._drop(position, line)
        elif found := _HEADING.match(line):
            tail = _HEADING_TAIL.search(line)
            self._open("heading", position, found.end(), tail.start() if tail else len(line))
            self._close()
        elif found := _QUOTE.match(line):
            self._extend("quote", position, found.end(), line)
        elif found := _ITEM.match(line):
            self._open("item", position, found.end(), len(line))
        elif found := _NOTE_MARK.match(line):
            self._open("paragraph", position, found.end(), len(line))
        else:
            self._extend(self.kind or "paragraph", position, len(line) - len(line.lstrip()), line)

    def _is_table(self, index: int, line: str) -> bool:
        if _TABLE_ROW.match(line) or ("|" in line and _TABLE_RULE.match(line)):
            return True
        following = self.rows[index + 1][1] if index + 1 < len(self.rows) else ""
        previous = self.rows[index - 1][1] if index else ""
        return "|" in line and any("|" in near and _TABLE_RULE.match(near) for near in (following, previous))

    def _drop(self, position: int, line: str) -> None:
        self._close()
        blank(self.chars, position, position + len(line))

    def _open(self, kind: BlockKind, position: int, offset: int, end: int) -> None:
        self._close()
        blank(self.chars, position, position + offset)
        blank(self.chars, position + end, position + end)
        self.kind, self.start, self.end = kind, position + offset, position + end
        self.lines, self.capital_lines = 1, int(self._starts_capital(position + offset))

    def _extend(self, kind: BlockKind, position: int, offset: int, line: str) -> None:
        if self.kind != kind and not (self.kind == "quote" and kind == "paragraph"):
            self._open(kind, position, offset, len(line))
            return
        blank(self.chars, position, position + offset)
        self.end = position + len(line)
        self.lines += 1
        self.capital_lines += int(self._starts_capital(position + offset))

    def _starts_capital(self, position: int) -> bool:
        opening = "".join(self.chars[position : position + 3]).lstrip("“”\"'‘’*_ —")
        return opening[:1].isupper()

    def _close(self) -> None:
        if self.kind is not None:
            kind: BlockKind = self.kind
            width = (self.end - self.start) / max(self.lines, 1)
            capitals = self.capital_lines >= max(3, self.lines - 1)
            if kind in ("paragraph", "quote") and capitals and width < _VERSE_WIDTH:
                kind = "verse"
            self.found.append(Block(kind, self.start, self.end))
        self.kind = None
