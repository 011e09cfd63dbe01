"""Words that fill: openers, intensifiers, throat-clearing."""

from collections.abc import Iterator

from orchestration.providers.house.phrases import Hit, PhraseTable
from orchestration.providers.house.reading import EVERY, PLAIN, Reading, Rule, recase, times
from orchestration.providers.house.results import Issue, Register
from orchestration.providers.house.wordsets import word_set

_FILLERS = (
    "basically;to be honest;to be perfectly honest;if i'm honest;honestly speaking;needless to say;as it "
    "were;"
    "as a matter of fact;for what it's worth;the main thing is that;the thing is that;the point is that;"
    "it is important to note that;it should be noted that;it is worth noting that;please note that;"
    "and this is very important;and this is important;i would like to take this opportunity to;"
    "what i'm trying to say is;when it comes down to it;kind of;sort of;you know what i mean;long story "
    "short;"
    "all things considered;in my humble opinion;in my opinion;the fact is that;i just wanted to"
)
_KINDS = frozenset(("kind of", "sort of"))
_INTENSIFIERS = word_set(
    "very really extremely incredibly absolutely totally utterly hugely massively truly literally"
)
# How many, and how many in a thousand words, before a text leans on a word.
_LEAN: dict[Register, tuple[int, float]] = {"plain": (3, 2.5), "narrative": (4, 3.0), "period": (8, 4.0)}
_FILLER_TABLE = PhraseTable({phrase: phrase for phrase in _FILLERS.split(";")})
_VAGUE_PRAISE = PhraseTable(
    {
        "really not that great": "really not that great",
        "not that great": "not that great",
        "not very good": "not very good",
        "not really that good": "not really that good",
        "pretty good": "pretty good",
    }
)


def fillers(reading: Reading) -> Iterator[Issue]:
    """Find openers and asides that can go; "kind of" only when it hedges."""
    found: dict[str, list[Hit[str]]] = {}
    for hit in _FILLER_TABLE.find(reading.prose):
        if hit.words[0].quoted or reading.in_heading(hit.start) or _is_noun(reading, hit):
            continue
        found.setdefault(hit.value, []).append(hit)
    for hits in found.values():
        for hit in hits if len(hits) <= 2 else hits[:1]:
            yield _filler(reading, hit, len(hits))


def _filler(reading: Reading, hit: Hit[str], count: int) -> Issue:
    quote = reading.prose.source[hit.start : hit.end]
    often = f" ({times(count)})" if count > 2 else ""
    message = f"“{quote}”{often} delays the point; the sentence says the same without it."
    return reading.issue(hit.start, hit.end, "filler", "minor", message)


def _is_noun(reading: Reading, hit: Hit[str]) -> bool:
    if hit.value not in _KINDS:
        return False
    before = reading.prose.view[max(0, hit.start - 12) : hit.start].lower().split()
    return not before or before[-1] not in (
        "is",
        "was",
        "were",
        "are",
        "just",
        "really",
        "it's",
        "i'm",
        "felt",
    )


def intensifiers(reading: Reading) -> Iterator[Issue]:
    """Count intensifiers: one issue for each word that the text leans on."""
    found: dict[str, list[int]] = {}
    words = reading.prose.words
    for index, word in enumerate(words):
        if word.lower in _INTENSIFIERS and not word.quoted and not reading.in_heading(word.start):
            found.setdefault(word.lower, []).append(index)
    for lower, indexes in found.items():
        share = len(indexes) * 1000 / len(words)
        least, rate = _LEAN[reading.register]
        if len(indexes) < least or share < rate:
            continue
        first = words[indexes[0]]
        following = words[indexes[0] + 1] if indexes[0] + 1 < len(words) else first
        near = following.end if not reading.prose.gap(first, following).strip() else first.end
        message = f"“{lower}” {times(len(indexes))}: each use weakens the next. Keep the one that matters."
        yield reading.issue(first.start, near, "intensifier", "minor", message)


def vague_praise(reading: Reading) -> Iterator[Issue]:
    """Find judgements that name no fault ("really not that great")."""
    for hit in _VAGUE_PRAISE.find(reading.prose):
        if not hit.words[0].quoted:
            quote = reading.prose.source[hit.start : hit.end]
            message = f"“{recase(quote, quote)}” judges without saying what is wrong; name the fault."
            yield reading.issue(hit.start, hit.end, "vague", "minor", message)


RULES = (Rule(fillers, PLAIN), Rule(intensifiers, EVERY), Rule(vague_praise, PLAIN))
