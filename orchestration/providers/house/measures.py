"""The figures of a text: readability, sentence rhythm, variety of words, passives, specifics."""

import re
import statistics
from functools import lru_cache

from orchestration.providers.house.prose import Prose, Word
from orchestration.providers.house.register import dialogue_share
from orchestration.providers.house.results import Measures, Register
from orchestration.providers.house.rules.passive import passives
from orchestration.providers.house.rules.rhythm import LONG

_VOWELS = re.compile(r"[aeiouy]+")
_SPECIFIC = re.compile(r"\d[\d.,]*|(?<=[a-z,;] )[A-Z][a-z]+")
_SILENT = re.compile(r"(?:[^laeiouy]es|[^tdaeiouy]ed|[^laeiouy]e)$")
_VARIETY_THRESHOLD = 0.72


@lru_cache(maxsize=20_000)
def syllables(word: str) -> int:
    """Count the syllables of a lower-case word as it is spoken, near enough for a readability formula."""
    groups = len(_VOWELS.findall(word))
    if groups > 1 and _SILENT.search(word):
        groups -= 1
    return max(groups, 1)


def of(prose: Prose, register: Register) -> Measures:
    """Measure a text; every figure is 0 for a text without prose."""
    running = [sentence for sentence in prose.sentences if sentence.block.kind != "heading"] or list(
        prose.sentences
    )
    lengths = [len(sentence.words) for sentence in running]
    words = [word for sentence in running for word in sentence.words]
    if not words:
        return Measures(0, 0, 0, 0.0, 0.0, 0.0, 0, 0, 0, 0.0, 0.0, 0, register)
    mean = len(words) / len(running)
    return Measures(
        words=len(words),
        sentences=len(running),
        paragraphs=sum(1 for _ in prose.paragraphs()),
        flesch=round(
            206.835 - 1.015 * mean - 84.6 * sum(syllables(word.lower) for word in words) / len(words), 1
        ),
        mean_sentence=round(mean, 1),
        sentence_spread=round(statistics.pstdev(lengths), 1),
        longest_sentence=max(lengths),
        long_sentences=sum(length > LONG[register] for length in lengths),
        passive_sentences=sum(any(True for _ in passives(sentence)) for sentence in running),
        dialogue_share=round(dialogue_share(prose), 3),
        variety=round(_variety(words), 1),
        specifics=len(_SPECIFIC.findall(prose.view)),
        register=register,
    )


def _variety(words: list[Word]) -> float:
    """MTLD: the mean length of runs of words in which new ones outweigh repeated ones, forward and back."""
    lowers = [word.lower for word in words]
    return (_one_way(lowers) + _one_way(lowers[::-1])) / 2


def _one_way(lowers: list[str]) -> float:
    factors, seen, count = 0.0, set[str](), 0
    for word in lowers:
        count += 1
        seen.add(word)
        if len(seen) / count <= _VARIETY_THRESHOLD:
            factors, seen, count = factors + 1, set(), 0
    if count:
        factors += (1 - len(seen) / count) / (1 - _VARIETY_THRESHOLD)
    return len(lowers) / factors if factors else float(len(lowers))
