"""What an analysis of a text consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["minor", "moderate", "major"]
Register = Literal["plain", "narrative", "period"]

SEVERITY_RANK: Mapping[str, int] = {"major": 0, "moderate": 1, "minor": 2}


@dataclass(frozen=True, slots=True)
class Issue:
    """One remark on one passage: `text[start:end] == quote`.

    `suggestion` replaces exactly the quoted passage; it is None when a person must decide. `safe` says that
    it can be made without asking: it is mechanical, unambiguous and outside anybody's quoted words.
    """

    category: str
    severity: Severity
    message: str
    quote: str
    start: int
    end: int
    suggestion: str | None
    safe: bool


@dataclass(frozen=True, slots=True)
class Measures:
    """Figures of the readable part of a text (code, tables and addresses are left out)."""

    words: int
    sentences: int
    paragraphs: int
    flesch: float
    mean_sentence: float
    sentence_spread: float
    longest_sentence: int
    long_sentences: int
    passive_sentences: int
    dialogue_share: float
    variety: float
    specifics: int
    register: Register


@dataclass(frozen=True, slots=True)
class Score:
    """A mark from 0 to 10 with the figures it rests on."""

    value: float
    reason: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that House can say about a text through the lenses it was asked for."""

    language: str
    issues: tuple[Issue, ...]
    measures: Measures
    scores: Mapping[str, Score]
