"""A text as the rules see it, and the one way they make an issue of what they see."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from orchestration.providers.house.prose import Prose, Sentence
from orchestration.providers.house.results import Issue, Register, Severity

Check = Callable[["Reading"], Iterable[Issue]]
T = TypeVar("T")

PLAIN: frozenset[Register] = frozenset({"plain"})
MODERN: frozenset[Register] = frozenset({"plain", "narrative"})
STORY: frozenset[Register] = frozenset({"narrative"})
EVERY: frozenset[Register] = frozenset({"plain", "narrative", "period"})


@dataclass(frozen=True)
class Reading:
    """A prepared text, its register and the names that the story bible knows."""

    prose: Prose
    register: Register
    known_names: tuple[str, ...] = ()

    @cached_property
    def running(self) -> tuple[Sentence, ...]:
        """Sentences of running prose: no headings, nothing that is mostly quoted words."""
        return tuple(s for s in self.prose.sentences if s.block.kind != "heading" and not s.quoted)

    def in_heading(self, offset: int) -> bool:
        """Whether an offset stands in a heading."""
        sentence = self.prose.sentence_at(offset)
        return sentence is not None and sentence.block.kind == "heading"

    def narrated(self, start: int, end: int) -> bool:
        """Whether a stretch is the author's own running words."""
        return not self.prose.quoted(start, end) and not self.in_heading(start)

    def issue(
        self,
        start: int,
        end: int,
        category: str,
        severity: Severity,
        message: str,
        *,
        suggestion: str | None = None,
        safe: bool = False,
        nobodys: bool = False,
    ) -> Issue:
        """Make an issue; nothing in quoted words or headings is safe to change without its author.

        Except a slip of the pen that is `nobodys` way of speaking: in dialogue it is one as well.
        """
        sentence = self.prose.sentence_at(start)
        told = sentence is not None and sentence.block.kind in ("paragraph", "item")
        quote = self.prose.source[start:end]
        return Issue(
            category=category,
            severity=severity,
            message=message,
            quote=quote,
            start=start,
            end=end,
            suggestion=suggestion,
            safe=safe and suggestion is not None and (self.narrated(start, end) or (nobodys and told)),
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A check and the registers it understands."""

    check: Check
    registers: frozenset[Register]


def recase(original: str, replacement: str) -> str:
    """Give a replacement the capitals of what it replaces."""
    letters = [letter for letter in original if letter.isalpha()]
    if not letters or not replacement:
        return replacement
    if len(letters) > 3 and all(letter.isupper() for letter in letters):
        return replacement.upper()
    if letters[0].isupper():
        return replacement[0].upper() + replacement[1:]
    return replacement


def typographic(original: str, replacement: str) -> str:
    """Use the apostrophe that the original uses."""
    return replacement.replace("'", "’") if "’" in original else replacement


def times(count: int) -> str:
    """ "twice", "5 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def listed(items: Iterable[str], *, limit: int = 6) -> str:
    """Join quoted items: “a”, “b” and “c”; the rest beyond `limit` is counted."""
    unique = list(dict.fromkeys(re.sub(r"\s+", " ", item) for item in items))
    shown = [f"“{item}”" for item in unique[:limit]]
    if len(unique) > limit:
        shown.append(f"{len(unique) - limit} more")
    if len(shown) <= 1:
        return "".join(shown)
    return ", ".join(shown[:-1]) + " and " + shown[-1]
