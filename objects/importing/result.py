"""What reading a file gives, or why it could not be read; free of Django so that the worker starts fast."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extracted:
    """A file as a document: `left_out` says in words what could not come along."""

    title: str
    markdown: str
    words: int
    left_out: tuple[str, ...] = ()


class Unreadable(Exception):
    """The file breaks a rule. The message says what is wrong and what to do; `code` is for programs.

    Codes: `kind` (not a file we read), `size` (more than a limit), `broken` (cannot be parsed),
    `unsafe` (built to do harm), `empty` (no text), `locked` (needs a password), `slow` (took too long).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
