"""Verbs that do not agree with their subjects, and "a" where "an" belongs."""

import re
from collections.abc import Iterator
from itertools import pairwise

from orchestration.providers.house.lexicon import PLURAL_QUANTIFIERS, is_plural
from orchestration.providers.house.prose import Word
from orchestration.providers.house.reading import MODERN, Reading, Rule, recase
from orchestration.providers.house.results import Issue
from orchestration.providers.house.wordsets import word_set

_PLURAL_OF = {
    "was": "were",
    "is": "are",
    "has": "have",
    "wasn't": "weren't",
    "isn't": "aren't",
    "hasn't": "haven't",
}
_SINGULAR_NEGATIVE = {"havent": "hasn't", "haven't": "hasn't", "dont": "doesn't", "don't": "doesn't"}
_SINGULAR_PRONOUNS = word_set("he she it")
# Nouns that take a plural verb, or that are verbs as often as nouns.
_COLLECTIVE = word_set(
    "team staff police press public government committee band crowd majority number lot couple rest "
    "data media people family company group board crew jury audience cattle data"
)
_NUMBER_OF = re.compile(r"\b[Aa] number of (?:you|us|them|[a-z]+s) (?P<verb>was|is|has)\b")
_VOWEL_SOUND = re.compile(
    r"^(?:[aeio]|u(?!ni(?!n|m)|s[aeiu]|ti|bi|tr|ran|ro|ku|ganda|k\b|s\b)|hour|heir|hono|"
    r"honest)",
    re.IGNORECASE,
)
_CONSONANT_SOUND = re.compile(r"^(?:one\b|once|eu|ewe|uni(?!n|m)|us[aeiu]|ut[io]|ubi)", re.IGNORECASE)


def relative(reading: Reading) -> Iterator[Issue]:
    """Find a plural noun, "that" or "which" or "who", and a singular verb ("things that was")."""
    for sentence in reading.running:
        for index, (noun, link, verb) in enumerate(
            zip(sentence.words, sentence.words[1:], sentence.words[2:], strict=False)
        ):
            if link.lower not in ("that", "which", "who") or verb.lower not in _PLURAL_OF or noun.quoted:
                continue
            if not is_plural(noun.lower) or not _adjacent(reading, noun, link, verb):
                continue
            if _has_singular_head(sentence.words, index):
                continue
            yield _disagrees(reading, noun.start, verb, _PLURAL_OF[verb.lower], noun.text)


def there(reading: Reading) -> Iterator[Issue]:
    """Find "there was several", "there is many"."""
    for sentence in reading.running:
        for first, verb, quantity in zip(
            sentence.words, sentence.words[1:], sentence.words[2:], strict=False
        ):
            if first.lower != "there" or verb.lower not in ("was", "is") or first.quoted:
                continue
            many = quantity.lower != "many" or not _many_a(sentence.words, quantity)
            if quantity.lower in PLURAL_QUANTIFIERS and many and _adjacent(reading, first, verb, quantity):
                fixed = _PLURAL_OF[verb.lower]
                yield _disagrees(reading, first.start, verb, fixed, quantity.text, quantity.end)


def subjects(reading: Reading) -> Iterator[Issue]:
    """Find "the vendor havent", "he don't", "they was", "things is"."""
    for sentence in reading.running:
        words = sentence.words
        for index in range(1, len(words)):
            subject, verb = words[index - 1], words[index]
            if verb.quoted or not _adjacent(reading, subject, verb):
                continue
            before = words[index - 2].lower if index >= 2 else ""
            fixed = _expected(subject, verb, before, first=index == 1)
            if fixed:
                yield _disagrees(reading, subject.start, verb, fixed, subject.text)


def _expected(subject: Word, verb: Word, before: str, *, first: bool) -> str | None:
    singular = _SINGULAR_NEGATIVE.get(verb.lower)
    if singular:
        noun = before in ("the", "a", "an", "this", "that", "each", "every") and not is_plural(subject.lower)
        known = (
            noun and subject.lower not in _COLLECTIVE and subject.lower.isalpha() and len(subject.lower) > 3
        )
        if subject.lower in _SINGULAR_PRONOUNS and (
            first or before in ("and", "but", "because", "that", "so")
        ):
            return singular
        return singular if known and not subject.lower.endswith(("ly", "ing")) else None
    if verb.lower in ("was", "is", "has") and subject.lower in ("they", "we"):
        return (
            _PLURAL_OF[verb.lower]
            if first or before in ("and", "but", "because", "that", "so", "as")
            else None
        )
    return None


def _has_singular_head(words: tuple[Word, ...], index: int) -> bool:
    """ "One of the things that was", "a list of things that was": the head may be singular."""
    for back in range(index - 1, max(index - 5, -1), -1):
        if words[back].lower in ("of", "in", "for", "with", "about", "on", "to"):
            return True
    return False


def _many_a(words: tuple[Word, ...], quantity: Word) -> bool:
    position = words.index(quantity)
    return position + 1 < len(words) and words[position + 1].lower in ("a", "an")


def _adjacent(reading: Reading, *words: Word) -> bool:
    return all(not reading.prose.gap(a, b).strip() for a, b in pairwise(words))


def _disagrees(
    reading: Reading, start: int, verb: Word, fixed: str, subject: str, end: int | None = None
) -> Issue:
    source = reading.prose.source
    end = end or verb.end
    suggestion = source[start : verb.start] + recase(verb.text, fixed) + source[verb.end : end]
    missing = " (and lacks its apostrophe)" if "'" in fixed and "'" not in verb.lower else ""
    message = f"“{verb.text}” does not agree with “{subject}”{missing}: “{fixed}”."
    return reading.issue(start, end, "agreement", "moderate", message, suggestion=suggestion, safe=True)


def articles(reading: Reading) -> Iterator[Issue]:
    """Find "a apple" and "an user"; letters and figures after the article are left alone."""
    for sentence in reading.running:
        for article, word in zip(sentence.words, sentence.words[1:], strict=False):
            if article.lower not in ("a", "an") or article.quoted or not _adjacent(reading, article, word):
                continue
            if len(word.lower) < 3 or not word.lower.isascii() or not word.text[1:].islower():
                continue
            vowel = bool(_VOWEL_SOUND.match(word.lower)) and not _CONSONANT_SOUND.match(word.lower)
            consonant = word.lower[0] not in "aeiouh" or bool(_CONSONANT_SOUND.match(word.lower))
            if (article.lower == "a" and vowel) or (article.lower == "an" and consonant):
                fixed = recase(article.text, "an" if article.lower == "a" else "a")
                yield reading.issue(
                    article.start,
                    word.end,
                    "agreement",
                    "minor",
                    f"“{fixed.lower()}” before the sound that “{word.text}” begins with.",
                    suggestion=fixed + reading.prose.source[article.end : word.end],
                    safe=True,
                )


def quantities(reading: Reading) -> Iterator[Issue]:
    """Find "a number of you has", where the number is not what acts."""
    for found in _NUMBER_OF.finditer(reading.prose.view):
        if reading.narrated(found.start(), found.end()):
            fixed = _PLURAL_OF[found["verb"]]
            suggestion = reading.prose.source[found.start() : found.start("verb")] + fixed
            message = f"“a number of” takes a plural: “{fixed}”."
            yield reading.issue(
                found.start(), found.end(), "agreement", "moderate", message, suggestion=suggestion, safe=True
            )


RULES = (
    Rule(relative, MODERN),
    Rule(there, MODERN),
    Rule(subjects, MODERN),
    Rule(articles, MODERN),
    Rule(quantities, MODERN),
)
