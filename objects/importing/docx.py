"""DOCX to Markdown: headings, paragraphs, emphasis, lists, quotes, scene breaks, simple tables."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from objects.importing import markdown_text as md
from objects.importing.docx_styles import Numbering, Styles
from objects.importing.result import Unreadable

_TRANSPARENT = {
    qn(name)
    for name in ("w:ins", "w:moveTo", "w:hyperlink", "w:smartTag", "w:sdt", "w:sdtContent", "w:fldSimple")
}
_DROPPED = {
    qn("w:footnoteReference"): "footnote",
    qn("w:endnoteReference"): "endnote",
    qn("w:drawing"): "picture",
    qn("w:pict"): "picture",
    qn("w:object"): "embedded object",
    qn("w:commentReference"): "comment",
}
_LITERAL = {
    qn("w:tab"): " ",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "‑",
    qn("w:softHyphen"): "",
}
_SCENE_BREAK = re.compile(r"^[\s*#~•·⁂❦◆—–_\-=]{1,12}$")
_PAGE_BREAKS = {"page", "column"}


def to_markdown(stream: BinaryIO) -> tuple[str, list[str]]:
    """Return the document as Markdown, and in words what was left out of it; raise Unreadable."""
    try:
        document = docx.Document(stream)
        reader = _Reader(document)
        blocks = list(reader.blocks(document.element.body))
    except (PackageNotFoundError, KeyError, ValueError, SyntaxError, AttributeError, IndexError) as error:
        message = "This .docx is damaged. Open it in your word processor, save it again, and upload that."
        raise Unreadable("broken", message) from error
    return md.join_blocks(blocks), reader.left_out()


class _Reader:
    """Walks the document's tree; what tracked changes deleted stays deleted, what they added is text."""

    def __init__(self, document: Document) -> None:
        self._styles = Styles(document)
        self._numbering = Numbering(document)
        self._dropped: Counter[str] = Counter()

    def left_out(self) -> list[str]:
        """Say what did not come along, with counts."""
        return [f"{count} {what}{'s' if count > 1 else ''}" for what, count in self._dropped.items()]

    def blocks(self, parent: Any) -> Iterator[md.Block]:
        """Yield the blocks of a body or a cell, in order."""
        for element in parent:
            if element.tag == qn("w:p"):
                block = self._paragraph(element)
                if block is not None:
                    yield block
            elif element.tag == qn("w:tbl"):
                yield from self._table(element)
            elif element.tag in _TRANSPARENT:
                yield from self.blocks(element)

    def _paragraph(self, element: Any) -> md.Block | None:
        """Return a paragraph as the block its style, outline level or numbering makes it."""
        runs = list(self._runs(element))
        plain = "".join(run.text for run in runs).strip()
        if not plain:
            return None
        if _SCENE_BREAK.match(plain) and len(plain.split()) <= 5:
            return md.Block("break", "* * *")
        level = self._styles.heading_level(element)
        if level:
            return md.Block("heading", "#" * level + " " + md.inline(runs, emphasis=False))
        text = md.inline(runs)
        item = self._numbering.item(element) or self._styles.list_item(element)
        if item:
            mark = "1." if item.ordered else "-"
            return md.Block("item", "   " * item.level + f"{mark} " + text.replace("\n", " "))
        if self._styles.is_quote(element):
            return md.Block("quote", "\n".join(f"> {line}" for line in text.split("\n")))
        return md.Block("paragraph", md.guard_start(text))

    def _runs(self, parent: Any) -> Iterator[md.Run]:
        """Yield the runs of text of a paragraph with their emphasis."""
        for element in parent:
            if element.tag == qn("w:r"):
                text = "".join(self._run_text(element))
                if text:
                    bold, italic = self._styles.emphasis(element)
                    yield md.Run(text, bold, italic)
            elif element.tag in _TRANSPARENT:
                yield from self._runs(element)

    def _run_text(self, run: Any) -> Iterator[str]:
        for child in run:
            if child.tag == qn("w:t"):
                yield child.text or ""
            elif child.tag == qn("w:br") and child.get(qn("w:type")) in _PAGE_BREAKS:
                yield " "
            elif child.tag in _LITERAL:
                yield _LITERAL[child.tag]
            elif child.tag in _DROPPED:
                self._dropped[_DROPPED[child.tag]] += 1

    def _table(self, table: Any) -> Iterator[md.Block]:
        """Yield a table; one of a single cell is only a frame around its text."""
        rows = [row.findall(qn("w:tc")) for row in table.findall(qn("w:tr"))]
        if sum(len(row) for row in rows) == 1:
            yield from self.blocks(rows[0][0] if rows[0] else rows[-1][0])
            return
        cells = [[self._cell(cell) for cell in row] for row in rows]
        if any(any(row) for row in cells):
            yield md.Block("table", md.table(cells))

    def _cell(self, cell: Any) -> str:
        """Return a cell's text on one line."""
        parts = (" ".join(block.text.split()) for block in self.blocks(cell))
        return " ".join(parts).replace("|", "\\|")
