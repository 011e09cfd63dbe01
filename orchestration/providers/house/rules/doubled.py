"""Words written twice by a slip of the hand."""

from collections.abc import Iterator
from itertools import pairwise

from orchestration.providers.house.lexicon import FUNCTION_WORDS
from orchestration.providers.house.prose import Sentence, Word
from orchestration.providers.house.reading import EVERY, MODERN, Reading, Rule, recase
from orchestration.providers.house.results import Issue
from orchestration.providers.house.wordsets import word_set

# Right English, or said twice on purpose.
_MEANT = word_set(
    "had that her no so now yes oh ha hey bye well there come never far long many more much who whom "
    "please hush tut tick knock blah hear again on out over up down round by in you go pretty did do"
)
_NEVER_MEANT = FUNCTION_WORDS - _MEANT
_ARTICLES = word_set("a an the")  # nobody says these twice: speakers halt with a dash or dots
_LINKS = word_set("and or by to")  # "again and again and again"
_INTENSIFIERS = word_set("very really so too quite")


def check(reading: Reading) -> Iterator[Issue]:
    """Find a word directly followed by itself."""
    prose = reading.prose
    for sentence in prose.sentences:
        for left, right in zip(sentence.words, sentence.words[1:], strict=False):
            if left.lower != right.lower or prose.gap(left, right).strip():
                continue
            if left.lower in _INTENSIFIERS:
                if reading.register != "period" and not left.quoted:
                    yield _intensifier(reading, left.start, right.end, left.text)
            elif _is_slip(reading, sentence, left, right):
                yield reading.issue(
                    left.start,
                    right.end,
                    "doubled word",
                    "moderate",
                    f"“{left.text}” is written twice.",
                    suggestion=left.text,
                    safe=left.lower in _NEVER_MEANT,
                    nobodys=left.lower in _ARTICLES,
                )


def _is_slip(reading: Reading, sentence: Sentence, left: Word, right: Word) -> bool:
    if left.lower in _ARTICLES:
        opens = left == sentence.words[0] or len(left.text) > 1  # not “vitamin A a day”
        return right.text.islower() and (left.text.islower() or opens)
    if _is_spoken(sentence, left) or left.lower in _MEANT or len(left.lower) == 1:
        return False
    if left.lower in _NEVER_MEANT:
        return True
    names = left.text[0].isupper() and right.text[0].isupper()
    return reading.register == "plain" and not left.quoted and not names and "-" not in left.lower


def _is_spoken(sentence: Sentence, word: Word) -> bool:
    """Whether somebody in the text says it: how they speak is theirs."""
    return word.quoted and sentence.block.kind != "quote"


def _intensifier(reading: Reading, start: int, end: int, word: str) -> Issue:
    return reading.issue(
        start,
        end,
        "doubled word",
        "minor",
        f"“{word.lower()}” twice does not make it stronger; one, or none, with a more exact word.",
        suggestion=recase(reading.prose.source[start:end], word.lower()),
        safe=True,
    )


def repeated_pairs(reading: Reading) -> Iterator[Issue]:
    """Find two words directly followed by the same two ("of the of the")."""
    prose = reading.prose
    for sentence in prose.sentences:
        words = sentence.words
        for index in range(len(words) - 3):
            four = words[index : index + 4]
            first, second = (four[0].lower, four[1].lower), (four[2].lower, four[3].lower)
            if (
                first != second
                or first[0] == first[1]
                or not set(first) & _NEVER_MEANT
                or set(first) & _LINKS
                or _is_spoken(sentence, four[0])
            ):
                continue
            if all(not prose.gap(a, b).strip() for a, b in pairwise(four)):
                kept = prose.source[four[0].start : four[1].end]
                message = f"“{kept}” is written twice."
                yield reading.issue(
                    four[0].start,
                    four[3].end,
                    "doubled word",
                    "moderate",
                    message,
                    suggestion=kept,
                    safe=True,
                )


RULES = (Rule(check, EVERY), Rule(repeated_pairs, MODERN))
