"""PDF to text: lines joined into paragraphs, hyphens at line ends mended, page furniture dropped."""

import re
from collections import Counter
from statistics import median
from typing import BinaryIO

import pypdf
from pypdf.errors import PyPdfError

from objects.importing import limits
from objects.importing.markdown_text import escape, guard_start
from objects.importing.result import Unreadable

_DAMAGED = "This PDF is damaged and cannot be read. Print it to a new PDF, or upload it as DOCX or TXT."
_SCANNED = "This PDF holds pictures of pages, not text. Run text recognition on it, or upload DOCX or TXT."
_LOCKED = "This PDF is protected by a password. Remove the protection and upload it again."
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_PAGE_NUMBER = re.compile(
    r"^[\[(\-–— ]*(?:page\s+)?(?:\d{1,5}|[ivxlc]{1,7})(?:\s*(?:of|/)\s*\d{1,5})?[\])\-–— ]*$", re.IGNORECASE
)
_CHAPTER = re.compile(
    r"^(?:(?:chapter|part|book|act|scene|section)\s+(?:\d{1,3}|[ivxlc]{1,7}|[a-z]+)\b.{0,60}"
    r"|prologue|epilogue|preface|foreword|introduction|afterword|acknowledg(?:e)?ments)\s*\.?$",
    re.IGNORECASE,
)
_SCENE_BREAK = re.compile(r"^\s*(?:[*#~•⁂—-]\s*){1,5}$")
_HYPHENATED = re.compile(r"(\w+)[-\u00ad\u2010]$")
_SHORT_LINE = 0.8
_FURNITURE_SHARE = 0.5
_FURNITURE_PAGES = 4


def to_markdown(stream: BinaryIO) -> tuple[str, list[str]]:
    """Return the text of a PDF as Markdown paragraphs, and what was left out; raise Unreadable."""
    try:
        pages, pictures = _pages(stream)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise Unreadable("broken", _DAMAGED) from error
    if not any(line.strip() for page in pages for line in page):
        raise Unreadable("empty", _SCANNED)
    left_out = [f"the pictures of {pictures} page{'s' if pictures > 1 else ''}"] if pictures else []
    return "\n\n".join(_paragraphs(_without_furniture(pages))), left_out


def _pages(stream: BinaryIO) -> tuple[list[list[str]], int]:
    """Return each page's lines, and on how many pages there are pictures."""
    reader = pypdf.PdfReader(stream)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("locked", _LOCKED)
    count = len(reader.pages)
    if count > limits.PDF_PAGES:
        message = (
            f"This PDF has {count} pages; at most {limits.PDF_PAGES} are read. Split it and upload a part."
        )
        raise Unreadable("size", message)
    pages: list[list[str]] = []
    pictures = size = 0
    for page in reader.pages:
        found = page.extract_text()
        size += len(found)
        if size > limits.TEXT_CHARACTERS:
            raise Unreadable("size", "This PDF holds more text than one document can. Split it by chapters.")
        pages.append(found.split("\n"))
        resources = page.get("/Resources", {})
        pictures += "/XObject" in (resources.get_object() or {})
    return pages, pictures


def _without_furniture(pages: list[list[str]]) -> list[list[str]]:
    """Drop page numbers and lines that stand at the edge of most pages."""
    trimmed = [[line.strip() for line in page] for page in pages]
    edges: Counter[str] = Counter()
    for page in trimmed:
        filled = [line for line in page if line]
        edges.update({re.sub(r"\d+", "0", line) for line in (*filled[:1], *filled[-1:])})
    repeated = {
        line
        for line, count in edges.items()
        if len(pages) >= _FURNITURE_PAGES and count >= _FURNITURE_SHARE * len(pages)
    }
    return [_inner(page, repeated) for page in trimmed]


def _inner(page: list[str], repeated: set[str]) -> list[str]:
    """Return a page without the furniture at its two edges."""
    lines = list(page)
    for edge in (0, -1):
        for _ in range(2):
            while lines and not lines[edge]:
                lines.pop(edge)
            if lines and (_PAGE_NUMBER.match(lines[edge]) or re.sub(r"\d+", "0", lines[edge]) in repeated):
                lines.pop(edge)
    return lines


def _paragraphs(pages: list[list[str]]) -> list[str]:
    """Join lines into paragraphs, headings and scene breaks; a sentence may run over a page."""
    lengths = [len(line) for page in pages for line in page if line]
    full = median(sorted(lengths)[len(lengths) // 2 :]) if lengths else 0
    known = {word.lower() for page in pages for line in page for word in re.findall(r"[\w-]+", line)}
    blocks: list[str] = []
    open_lines: list[str] = []

    def close() -> None:
        if open_lines:
            blocks.append(guard_start(escape(_joined(open_lines, known))))
            open_lines.clear()

    for page in pages:
        for line in page:
            if not line:
                if open_lines and _SENTENCE_END.search(open_lines[-1]):
                    close()
                continue
            special = _special(line)
            if special:
                close()
                blocks.append(special)
                continue
            open_lines.append(line)
            if _SENTENCE_END.search(line) and len(line) < _SHORT_LINE * full:
                close()
    close()
    return blocks


def _special(line: str) -> str:
    """Return the line as a heading or a scene break when it plainly is one; else nothing."""
    if _SCENE_BREAK.match(line):
        return "* * *"
    if _CHAPTER.match(line):
        return f"## {escape(line)}"
    return ""


def _joined(lines: list[str], known: set[str]) -> str:
    """Join the lines of a paragraph; a word parted at a line's end becomes whole.

    The hyphen stays where the text writes the word with it elsewhere.
    """
    text = lines[0]
    for line in lines[1:]:
        parted = _HYPHENATED.search(text)
        first = re.match(r"\w+", line)
        if parted and first and first.group(0)[0].islower():
            whole, dashed = parted.group(1) + first.group(0), f"{parted.group(1)}-{first.group(0)}"
            keep = dashed.lower() in known and whole.lower() not in known
            text = (text[: parted.end(1)] + "-" if keep else text[: parted.end(1)]) + line
        else:
            text = f"{text} {line}"
    return " ".join(text.split())
