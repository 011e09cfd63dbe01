"""Marks from 0 to 10 for each criterion, each with the figures it rests on."""

from collections import Counter
from collections.abc import Iterable, Mapping

from orchestration.providers.house import language as languages
from orchestration.providers.house.results import Issue, Measures, Score

ROLE_CRITERIA: Mapping[str, tuple[str, ...]] = {
    "writer": ("clarity", "engagement", "completeness"),
    "content_expert": ("accuracy", "depth"),
    "style_editor": ("tone", "flow"),
    "synthesizer": ("coherence", "prioritisation"),
}
_BEST = 9.5  # where rules find no fault there may still be one
_WEIGHT = {"major": 3.0, "moderate": 1.5, "minor": 1.0}


def scores(measures: Measures, issues: Iterable[Issue], language: str) -> dict[str, Score]:
    """Score every criterion of every role from the figures alone."""
    if language != "en" or not measures.words:
        why = "There is no prose to measure." if not measures.words else _not_english(language)
        return {name: Score(5.0, why) for names in ROLE_CRITERIA.values() for name in names}
    found = Tally(measures.words, tuple(issues))
    return {
        "clarity": _clarity(measures, found),
        "engagement": _engagement(measures, found),
        "completeness": _by_density(found, 0.9, "Open points", "gap", "vague"),
        "accuracy": _by_density(
            found, 0.7, "Contradictions, doubtful names, dates and "
                        "figures", "contradiction", "date", "name", "number"
        ),
        "depth": _depth(measures, found),
        "tone": _by_density(
            found, 0.45, "Stock, padded and promotional phrases",
            "promotional language", "cliché", "filler", "intensifier", "tone",
        ),
        "flow": _flow(measures, found),
        "coherence": _by_density(
            found, 0.8, "Places where the text disagrees with itself",
            "contradiction", "consistency", "name", "reference",
        ),
        "prioritisation": _prioritisation(found),
    }  # fmt: skip


def _not_english(language: str) -> str:
    return (
        f"The text is in {languages.NAMES.get(language, language)}; House reads English only, so this "
        "is no judgement."
    )


class Tally:
    """Issues counted by category, weighed against the length of the text."""

    def __init__(self, words: int, issues: tuple[Issue, ...]) -> None:
        self.issues = issues
        self.counts = Counter(issue.category for issue in issues)
        self.per_thousand = 1000 / max(words, 300)

    def count(self, *categories: str) -> int:
        """How many issues of these categories there are."""
        return sum(self.counts[category] for category in categories)

    def weight(self, *categories: str) -> float:
        """Their weight per 1 000 words."""
        total = sum(_WEIGHT[issue.severity] for issue in self.issues if issue.category in categories)
        return total * self.per_thousand


def _mark(value: float, reason: str) -> Score:
    return Score(round(min(_BEST, max(0.0, value)), 1), reason)


def _of(count: int, what: str, one: str | None = None) -> str:
    if count == 1 and one:
        return f"1 {one}"
    return f"no {what}" if not count else f"{count} {what}"


def _falling(weight: float, steepness: float) -> float:
    """10 without fault, falling ever more gently, so that a mended fault always shows."""
    return 1 + 9 / (1 + steepness * weight / 8)


def _by_density(found: Tally, steepness: float, what: str, *categories: str) -> Score:
    count = found.count(*categories)
    return _mark(_falling(found.weight(*categories), steepness), f"{what}: {count or 'none'}.")


def _clarity(measures: Measures, found: Tally) -> Score:
    ease = min(0.0, (measures.flesch - 60) / 12)
    long_share = measures.long_sentences / measures.sentences
    wordy = found.count("wordiness", "redundancy")
    value = _falling(found.weight("wordiness", "redundancy", "long sentence"), 0.3) + ease - 6 * long_share
    reason = (
        f"Flesch {measures.flesch:.0f}, "
        f"{_of(measures.long_sentences, 'over-long sentences', 'over-long sentence')} of "
        f"{measures.sentences}, {_of(wordy, 'wordy phrases', 'wordy phrase')}."
    )
    return _mark(value, reason)


def _engagement(measures: Measures, found: Tally) -> Score:
    stale = found.count("cliché", "repetition")
    spread = measures.sentence_spread / max(measures.mean_sentence, 1)
    value = (
        5.5
        + min(2.0, spread * 3)
        + min(2.5, measures.variety / 40)
        - found.weight("cliché", "repetition") * 0.12
    )
    reason = (
        f"Sentences vary by {measures.sentence_spread:.0f} words around {measures.mean_sentence:.0f}, "
        f"word variety {measures.variety:.0f}, "
        f"{_of(stale, 'stale or repeated phrases', 'stale or repeated phrase')}."
    )
    return _mark(value, reason)


def _depth(measures: Measures, found: Tally) -> Score:
    rate = measures.specifics * 100 / measures.words
    value = min(10.0, 6.5 + rate * 0.5) - (10 - _falling(found.weight("vague", "gap"), 0.5)) * 0.7
    reason = (
        f"{measures.specifics} names and figures in {measures.words} words, "
        f"{_of(found.count('vague', 'gap'), 'vague or open statements', 'vague or open statement')}."
    )
    return _mark(value, reason)


def _flow(measures: Measures, found: Tally) -> Score:
    errors = (
        "doubled word",
        "apostrophe",
        "agreement",
        "word choice",
        "spelling",
        "punctuation",
        "comma splice",
    )
    value = _falling(found.weight(*errors, "rhythm", "repetition", "passive voice"), 0.35)
    passive = round(100 * measures.passive_sentences / measures.sentences)
    slips = _of(found.count(*errors), "slips of the pen", "slip of the pen")
    reason = (
        f"{slips[0].upper()}{slips[1:]}, {passive} % of sentences passive, "
        f"{measures.mean_sentence:.0f} words a sentence."
    )
    return _mark(value, reason)


def _prioritisation(found: Tally) -> Score:
    severities = Counter(issue.severity for issue in found.issues)
    weighty = severities["major"]
    total = len(found.issues)
    value = 9.0 if not weighty else 9.0 - min(6.0, 1.0 * weighty)
    first = "; those come first" if weighty else ""
    serious = _of(weighty, "serious points", "serious point").capitalize()
    return _mark(value, f"{serious} among {total} findings{first}.")
