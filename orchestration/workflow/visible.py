"""Lets through what a person may read of an answer while it is being written: no tags, no JSON."""

import re
import string

from orchestration.workflow.terms import Role

_OPENING = "<document>"
_CLOSING = "</document>"
_TAILS = ("<summary>", "<evaluation>", "<findings>", "<resolutions>")
_PREAMBLE = 300
"""How much an answer may say before its document begins; after that it is taken as untagged."""


class VisibleText:
    """An incremental filter: feed it pieces of an answer, it returns what may be shown of them.

    The same pieces give the same text however they are cut.
    """

    def __init__(self, role: str) -> None:
        self._writer = role == Role.WRITER
        self._waiting = self._writer
        self._tagged = False
        self._done = False
        self._begun = False
        self._held = ""
        self._spaces = ""

    def feed(self, piece: str) -> str:
        """Return what `piece` adds to the visible text."""
        if self._done:
            return ""
        self._held += piece
        if self._waiting and not self._begin():
            return ""
        return self._trimmed(self._through())

    def finish(self) -> str:
        """Return what was still held back when the answer ended."""
        if self._done:
            return ""
        text = self._through()
        if not self._done:
            text, self._done = text + self._held, True
        return self._trimmed(text)

    def _begin(self) -> bool:
        """Decide whether the Writer's document has begun."""
        opening = _lowered(self._held).find(_OPENING)
        if 0 <= opening <= _PREAMBLE:
            self._held = self._held[opening + len(_OPENING) :]
            self._tagged = True
        elif len(self._held) < _PREAMBLE + len(_OPENING):
            return False
        self._waiting = False
        return True

    def _through(self) -> str:
        """Return the held text up to the first mark that ends the visible part, or that may become one."""
        marks = (_CLOSING,) if self._tagged else _TAILS
        lowered = _lowered(self._held)
        ends = [place for mark in marks if (place := lowered.find(mark)) >= 0]
        if ends:
            text, self._held, self._done = self._held[: min(ends)], "", True
            return text
        keep = len(self._held) - max(_overlap(lowered, mark) for mark in marks)
        text, self._held = self._held[:keep], self._held[keep:]
        return text

    def _trimmed(self, text: str) -> str:
        """Drop the blank lines around the visible part, as reading the finished answer does."""
        if not self._begun:
            text = text.lstrip()
            self._begun = bool(text)
        text = self._spaces + text
        kept = text.rstrip()
        self._spaces = text[len(kept) :]
        return kept


_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def _lowered(text: str) -> str:
    """Return `text` in lower case, every character in its place (str.lower makes some longer)."""
    return text.translate(_ASCII_LOWER)


def _overlap(text: str, mark: str) -> int:
    """Return how many characters at the end of `text` may be the beginning of `mark`."""
    for length in range(min(len(mark) - 1, len(text)), 0, -1):
        if mark.startswith(text[-length:]):
            return length
    return 0


def visible(text: str, role: str) -> str:
    """Return the visible part of a whole answer."""
    pieces = VisibleText(role)
    return pieces.feed(text) + pieces.finish()


def strip_control(text: str) -> str:
    """Return `text` without the control characters that neither PostgreSQL nor a page can hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
