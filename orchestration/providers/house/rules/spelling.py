"""Misspelt words: a list of notorious ones, then words one slip away from a common one."""

from collections import Counter
from collections.abc import Iterator

from orchestration.providers.house import dictionary
from orchestration.providers.house.prose import Word
from orchestration.providers.house.reading import EVERY, MODERN, Reading, Rule, recase
from orchestration.providers.house.results import Issue, Severity
from orchestration.providers.house.rules.misspellings import NOTORIOUS
from orchestration.providers.house.wordsets import word_set

_SHORTEST = 7  # a short unknown word is a name, a term or slang far more often than a slip
_ONCE_RIGHT = word_set("developement truely untill sieze grammer harrass excede independant persistant")


def notorious(reading: Reading) -> Iterator[Issue]:
    """Find misspellings that are never right."""
    for word in reading.prose.words:
        right = NOTORIOUS.get(word.lower)
        if reading.register == "period" and word.lower in _ONCE_RIGHT:
            continue
        if right and not word.text.isupper():
            yield _issue(reading, word, right, safe=True)


def unknown(reading: Reading) -> Iterator[Issue]:
    """Find small-letter words that no dictionary has and that are one slip away from a common word.

    Words that the text uses three times are its own terms; foreign, hyphenated, emphasised and quoted words
    are left alone.
    """
    uses = Counter(word.lower for word in reading.prose.words)
    capitals = {word.lower for word in reading.prose.words if word.text[0].isupper()}
    known = {part.lower() for name in reading.known_names for part in name.split()}
    seen: set[str] = set()
    for word in reading.prose.words:
        lower = word.lower
        if lower in seen or uses[lower] > 2 or word.quoted or lower in capitals or lower in known:
            continue
        if len(lower) < _SHORTEST or not lower.isascii() or not lower.isalpha() or not word.text.islower():
            continue
        if lower in NOTORIOUS or _emphasised(reading, word) or dictionary.knows(lower):
            continue
        seen.add(lower)
        right = dictionary.nearest(lower)
        if right is not None:
            yield _issue(reading, word, right, safe=False)


def _emphasised(reading: Reading, word: Word) -> bool:
    around = (
        reading.prose.view[max(0, word.start - 1) : word.start] + reading.prose.view[word.end : word.end + 1]
    )
    return any(mark in around for mark in "*_+/\\@#=<>.|") and around[-1:] != "."


def _issue(reading: Reading, word: Word, right: str, *, safe: bool) -> Issue:
    fixed = recase(word.text, right)
    message = f"“{word.text}” is spelt “{fixed}”." if safe else f"“{word.text}”: is “{fixed}” meant?"
    severity: Severity = "moderate" if safe else "minor"
    return reading.issue(word.start, word.end, "spelling", severity, message, suggestion=fixed, safe=safe)


RULES = (Rule(notorious, EVERY), Rule(unknown, MODERN))
