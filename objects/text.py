"""What a manuscript measures: clean text, words, tokens, bytes, its own title."""

import math
import re

MAX_BYTES = 2 * 1024 * 1024
"""The largest text kept as one document: three times the largest plan's 100 000 English words."""

BYTES_PER_TOKEN = 3.5
"""Measured over English prose with the providers' tokenizers: they report 3.3 to 4.5 bytes a token."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_FENCE_LINE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE)
_LINK_TARGET = re.compile(r"\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_LINK_DEFINITION = re.compile(r"^[ ]{0,3}\[[^\]\n]+\]:[^\n]*$", re.MULTILINE)
# No part may look past the next opening of its own kind: else a text of openings takes its length squared.
_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--(?:(?!<!--).)*?--)>", re.DOTALL)
_ORDERED_MARK = re.compile(r"^[ \t>]*\d{1,9}[.)][ \t]", re.MULTILINE)
# One written character is one word in scripts without spaces, as word processors count them.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    r"|(?:(?![\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff_])\w)+"
    r"(?:['’.\-‐‑](?:(?![\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff_])\w)+)*"
)
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t]+(.+)$", re.MULTILINE)
_EMPHASIS = re.compile(r"[*_`]+|\\(?=[!-/:-@\[-`{-~])")


def normalise(text: str) -> str:
    """Return `text` as it is stored: LF line ends, no control characters, no half characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    return _CONTROLS.sub("", text).encode("utf-8", "replace").decode("utf-8")


def normalise_line(text: str) -> str:
    """Return `text` as one clean line, for titles and names."""
    return " ".join(normalise(text).split())


def word_count(markdown: str) -> int:
    """Count the words a reader sees: link targets, tags and list numbers are not words."""
    shown = markdown
    for marks in (_FENCE_LINE, _LINK_DEFINITION, _TAG, _ORDERED_MARK):
        shown = marks.sub(" ", shown)
    return len(_WORD.findall(_LINK_TARGET.sub("] ", shown)))


def size(text: str) -> int:
    """Return the bytes `text` takes in storage."""
    return len(text.encode("utf-8"))


def estimate_tokens(text: str) -> int:
    """Estimate the tokens a provider counts for `text`: its bytes by `BYTES_PER_TOKEN`, rounded up."""
    return math.ceil(size(text) / BYTES_PER_TOKEN)


def title_of(markdown: str) -> str:
    """Return the text of the first heading without its marks; empty when there is none."""
    found = _HEADING.search(markdown)
    return normalise_line(_EMPHASIS.sub("", found.group(1).rstrip(" \t#")))[:200] if found else ""
