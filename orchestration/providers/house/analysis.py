"""Reads a text by every rule and keeps what is worth somebody's reading time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from orchestration.providers.house import language, lenses, measures, register, scoring
from orchestration.providers.house.prose import Prose
from orchestration.providers.house.reading import Reading, times
from orchestration.providers.house.results import SEVERITY_RANK, Analysis, Issue, Measures, Score
from orchestration.providers.house.rules import ALL

__all__ = ["Analysis", "Issue", "Measures", "Score", "analyse"]

_MINOR_FLOOR = 40  # remarks of taste in a short text
_MINOR_PER_THOUSAND = 5
_SAME = 3  # remarks on the same words that are made one by one
_OF_TASTE = frozenset(
    {"filler", "intensifier", "cliché", "wordiness", "passive voice", "vague", "repetition"}
)


def analyse(text: str, *, lenses: frozenset[str], known_names: Sequence[str] = ()) -> Analysis:
    """Analyse a Markdown text through some of the lenses "accuracy", "depth", "tone", "flow".

    Deterministic; issues are in the order of the text and never touch code, tables or addresses. A text in
    another language than English has no issues. Scores are given for every criterion of every role.
    """
    whole = _whole(text, tuple(known_names))
    return Analysis(whole.language, tuple(_through(whole.issues, lenses)), whole.measures, whole.scores)


def _through(issues: Iterable[Issue], wanted: frozenset[str]) -> Iterable[Issue]:
    return (issue for issue in issues if lenses.of_category(issue.category) in wanted)


@lru_cache(maxsize=8)
def _whole(text: str, known_names: tuple[str, ...]) -> Analysis:
    prose = Prose.of(text)
    spoken = language.detect(prose.view)
    reading = Reading(prose, register.tell(prose), known_names)
    found = _issues(reading) if spoken == "en" else ()
    figures = measures.of(prose, reading.register)
    return Analysis(spoken, found, figures, scoring.scores(figures, found, spoken))


def _issues(reading: Reading) -> tuple[Issue, ...]:
    foreign = _foreign_stretches(reading.prose)
    found = {
        (issue.start, issue.end, issue.category): issue
        for rule in ALL
        if reading.register in rule.registers
        for issue in rule.check(reading)
        if not any(start < issue.end and issue.start < end for start, end in foreign)
    }
    return tuple(_worth_reading(_grouped(_without_doubles(found.values())), len(reading.prose.words)))


def _foreign_stretches(prose: Prose) -> list[tuple[int, int]]:
    return [(s.start, s.end) for s in prose.sentences if language.is_foreign(word.lower for word in s.words)]


def _without_doubles(issues: Iterable[Issue]) -> list[Issue]:
    """Where two rules would replace the same words, the more severe, then the longer one speaks."""
    ranked = sorted(issues, key=lambda i: (SEVERITY_RANK[i.severity], i.start - i.end, i.start, i.category))
    kept: list[Issue] = []
    for issue in ranked:
        rivals = (other for other in kept if other.start < issue.end and issue.start < other.end)
        if not any(_says_the_same(issue, other) for other in rivals):
            kept.append(issue)
    return sorted(kept, key=lambda issue: (issue.start, issue.end, issue.category))


def _says_the_same(issue: Issue, other: Issue) -> bool:
    """One remark made twice, two replacements of the same words, or taste about words that are replaced."""
    if issue.category == other.category:
        return issue.category != "contradiction"
    if issue.suggestion is not None:
        return other.suggestion is not None
    within = other.start <= issue.start and issue.end <= other.end
    return within and other.suggestion is not None and issue.category in _OF_TASTE


def _grouped(issues: list[Issue]) -> list[Issue]:
    """One issue for the same words faulted more than three times, unless each can be mended."""
    uses = Counter((issue.category, issue.quote) for issue in issues if not issue.safe)
    told: set[tuple[str, str]] = set()
    kept: list[Issue] = []
    for issue in issues:
        key = (issue.category, issue.quote)
        if issue.safe or uses[key] <= _SAME:
            kept.append(issue)
        elif key not in told:
            told.add(key)
            kept.append(replace(issue, message=f"{issue.message} The same {times(uses[key])} in this text."))
    return kept


def _worth_reading(issues: list[Issue], words: int) -> list[Issue]:
    """Keep every error; of the remarks of taste as many as a reader will bear, the safe ones first."""
    most = _MINOR_FLOOR + _MINOR_PER_THOUSAND * words // 1000
    minor = [issue for issue in issues if issue.severity == "minor"]
    if len(minor) <= most:
        return issues
    kept = set(
        sorted(minor, key=lambda issue: (not issue.safe, issue.suggestion is None, issue.start))[:most]
    )
    return [issue for issue in issues if issue.severity != "minor" or issue in kept]
