"""Finds the passage that a finding quotes, also where the quote was typed a little differently."""

from dataclasses import dataclass
from functools import cached_property

_SAME = str.maketrans(
    "“”„«»‘’‚`–—‑−\u00a0\u202f\u2009",  # noqa: RUF100
    '"""""\'\'\'\'----   ',
    "*_\u200b\u00ad",
)
_SHORTEST = 3
"""A normalised quote shorter than this would be found anywhere."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a quote stands: character offsets, which occurrence, whether it is there word for word."""

    start: int
    end: int
    occurrence: int
    exact: bool


class Manuscript:
    """A text in which quotes are looked up; its normalised form is made once, when first needed."""

    def __init__(self, text: str) -> None:
        self.text = text

    def find(self, quote: str, occurrence: int = 1) -> Anchor | None:
        """Return the place of the `occurrence`-th `quote` (the last when there are fewer), or None.

        Spacing, kinds of quotes and dashes, Markdown emphasis and case are ignored where the words
        themselves are not found as they are.
        """
        quote = quote.strip()
        if not quote:
            return None
        found = _nth(self.text, quote, occurrence)
        if found:
            start, number = found
            return Anchor(start, start + len(quote), number, exact=True)
        needle = normalised(quote.strip("….\"'“”‘’ \n"))
        if len(needle) < _SHORTEST:
            return None
        plain, places = self._plain
        found = _nth(plain, needle, occurrence)
        if found is None:
            return None
        start, number = found
        return Anchor(places[start], places[start + len(needle) - 1] + 1, number, exact=False)

    def count(self, quote: str) -> int:
        """Return how often `quote` stands here, ignoring the same small differences."""
        needle = normalised(quote)
        return self._plain[0].count(needle) if needle else 0

    @cached_property
    def _plain(self) -> tuple[str, list[int]]:
        return _normalise(self.text)


def normalised(text: str) -> str:
    """Return `text` in plain lower case with single spaces."""
    return _normalise(text)[0].strip()


def _nth(text: str, quote: str, wanted: int) -> tuple[int, int] | None:
    """Return (start, number) of the wanted occurrence, or of the last one there is."""
    start, number = -1, 0
    while number < max(1, wanted):
        following = text.find(quote, start + 1)
        if following < 0:
            break
        start, number = following, number + 1
    return (start, number) if number else None


def _normalise(text: str) -> tuple[str, list[int]]:
    """Return the plain form of `text`, and where each of its characters stands in `text`."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for piece in _plain_form(character):
            if piece == " " and characters and characters[-1] == " ":
                continue
            characters.append(piece)
            places.append(place)
    return "".join(characters), places


def _plain_form(character: str) -> str:
    plain = character.translate(_SAME)
    if plain == "…":
        return "..."
    return " " if plain.isspace() else plain.lower()
