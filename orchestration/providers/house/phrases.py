"""Finds phrases out of large tables in one pass over the words of a text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from orchestration.providers.house.prose import Prose, Word

T = TypeVar("T")
ANY = "*"


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """A phrase found: its words in the text and what its table says about it."""

    words: tuple[Word, ...]
    value: T

    @property
    def start(self) -> int:
        """Where it begins in the source."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Where it ends in the source."""
        return self.words[-1].end


class PhraseTable(Generic[T]):
    """Phrases, lower-case with straight apostrophes; `*` stands for any one word (never the first)."""

    def __init__(self, entries: Mapping[str, T]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], T]]] = {}
        for phrase, value in entries.items():
            tokens = tuple(phrase.split())
            self._by_first.setdefault(tokens[0], []).append((tokens, value))
        for options in self._by_first.values():
            options.sort(key=lambda option: -len(option[0]))

    def find(self, prose: Prose) -> Iterator[Hit[T]]:
        """Yield hits in order, the longest at each place, never overlapping, never across a sentence."""
        for sentence in prose.sentences:
            words = sentence.words
            index = 0
            while index < len(words):
                hit = self._at(prose, words, index)
                if hit is None:
                    index += 1
                    continue
                yield hit
                index += len(hit.words)

    def _at(self, prose: Prose, words: tuple[Word, ...], index: int) -> Hit[T] | None:
        for tokens, value in self._by_first.get(words[index].lower, ()):
            candidate = words[index : index + len(tokens)]
            if len(candidate) == len(tokens) and _matches(prose, candidate, tokens):
                return Hit(candidate, value)
        return None


def _matches(prose: Prose, words: tuple[Word, ...], tokens: tuple[str, ...]) -> bool:
    for position, token in enumerate(tokens):
        word = words[position]
        if token not in (ANY, word.lower):
            return False
        if position and prose.gap(words[position - 1], word).strip(" \n\t\r"):
            return False
    return True
