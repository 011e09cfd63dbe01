"""The words, sentences and quoted stretches of a text, each with its place in the source."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from orchestration.providers.house import markdown
from orchestration.providers.house.markdown import Block
from orchestration.providers.house.wordsets import word_set

_WORD = re.compile(r"(?<![^\W_])[^\W\d_]+(?:['’‐-][^\W\d_]+)*")
_STOP = re.compile(r"(?:[.!?…]+|[.!?…]*:—)[)\]\"”’'*_]*(?=\s|—|$)")
_ABBREVIATIONS = word_set(
    "mr mrs ms dr st prof rev hon sr jr gen col capt lieut lt sgt no vol ch fig vs etc inc ltd co "
    "corp dept est approx ps p.s e.g i.e cf al jan feb mar apr jun jul aug sept sep oct nov dec a.m "
    "p.m u.s u.k"
)
_CURLY = re.compile(r"“[^“”]*(?:”|$)")
_STRAIGHT = re.compile(r'"[^"]*"')
_SINGLE = re.compile(r"(?<![\w’'])(?:‘[^‘\n]{2,}?’(?!\w)|'[^'\n]{2,200}?'(?!\w))")


@dataclass(frozen=True, slots=True)
class Word:
    """A word; `lower` has straight apostrophes."""

    text: str
    lower: str
    start: int
    end: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of one block, with the range of its words."""

    start: int
    end: int
    block: Block
    words: tuple[Word, ...]

    @property
    def quoted(self) -> bool:
        """Whether most of it is somebody's quoted words."""
        return sum(word.quoted for word in self.words) * 2 > len(self.words)


@dataclass(frozen=True)
class Prose:
    """A text prepared for reading; `view` is as long as `source`, with all that is not prose blanked."""

    source: str
    view: str
    blocks: tuple[Block, ...]
    sentences: tuple[Sentence, ...]
    quotations: tuple[tuple[int, int], ...]
    words: tuple[Word, ...] = field(repr=False)
    _starts: tuple[int, ...] = field(repr=False)
    _sentence_starts: tuple[int, ...] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> "Prose":
        """Read a Markdown text. Verse is left out of the sentences: a poem is not edited by rule."""
        view, blocks = markdown.read(text)
        kept = tuple(block for block in blocks if block.kind != "verse")
        quotations = tuple(_quotations(view, blocks))
        sentences = tuple(_sentences(view, kept, quotations))
        words = tuple(word for sentence in sentences for word in sentence.words)
        return cls(
            source=text,
            view=view,
            blocks=blocks,
            sentences=sentences,
            quotations=quotations,
            words=words,
            _starts=tuple(start for start, _ in quotations),
            _sentence_starts=tuple(sentence.start for sentence in sentences),
        )

    def quoted(self, start: int, end: int) -> bool:
        """Whether a stretch touches quoted words."""
        return _inside(self.quotations, self._starts, start, end)

    def sentence_at(self, offset: int) -> Sentence | None:
        """The sentence around an offset, None in verse, code and other places that are not prose."""
        index = bisect_right(self._sentence_starts, offset) - 1
        if index >= 0 and offset < self.sentences[index].end:
            return self.sentences[index]
        return None

    def paragraphs(self) -> Iterator[Block]:
        """Blocks of running prose: no headings, no verse."""
        return (block for block in self.blocks if block.kind in ("paragraph", "item", "quote"))

    def gap(self, left: Word, right: Word) -> str:
        """What stands between two words in the view."""
        return self.view[left.end : right.start]


def _inside(spans: tuple[tuple[int, int], ...], starts: tuple[int, ...], start: int, end: int) -> bool:
    index = bisect_right(starts, end - 1) - 1
    return index >= 0 and spans[index][1] > start


def _quotations(view: str, blocks: tuple[Block, ...]) -> Iterator[tuple[int, int]]:
    for block in blocks:
        if block.kind in ("quote", "verse"):
            yield block.start, block.end
            continue
        body = view[block.start : block.end]
        found: list[tuple[int, int]] = []
        for pattern in (_CURLY, _STRAIGHT, _SINGLE):
            found.extend(
                (hit.start() + block.start, hit.end() + block.start) for hit in pattern.finditer(body)
            )
        yield from _merged(sorted(found))


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current is not None and start < current[1]:
            current = (current[0], max(end, current[1]))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


def _sentences(
    view: str, blocks: tuple[Block, ...], quotations: tuple[tuple[int, int], ...]
) -> Iterator[Sentence]:
    starts = tuple(start for start, _ in quotations)
    for block in blocks:
        for start, end in _split(view, block):
            words = tuple(
                Word(
                    text=hit.group(),
                    lower=hit.group().lower().replace("’", "'"),
                    start=hit.start(),
                    end=hit.end(),
                    quoted=_inside(quotations, starts, hit.start(), hit.end()),
                )
                for hit in _WORD.finditer(view, start, end)
            )
            if words:
                yield Sentence(start, end, block, words)


def _split(view: str, block: Block) -> Iterator[tuple[int, int]]:
    start = block.start
    for stop in _STOP.finditer(view, block.start, block.end):
        if _is_end(view, stop, block.end):
            yield _trimmed(view, start, stop.end())
            start = stop.end()
    if view[start : block.end].strip():
        yield _trimmed(view, start, block.end)


def _is_end(view: str, stop: re.Match[str], limit: int) -> bool:
    following = view[stop.end() : min(stop.end() + 8, limit)].lstrip().lstrip("—“\"‘'(*_[")
    if not following:
        return True
    if stop.group().startswith("."):
        before = re.search(r"[\w.]+$", view[max(0, stop.start() - 12) : stop.start()])
        tail = before.group().lower() if before else ""
        if tail in _ABBREVIATIONS or (len(tail) == 1 and tail.isalpha() and tail != "i"):
            return False
    return not following[0].islower()


def _trimmed(view: str, start: int, end: int) -> tuple[int, int]:
    while start < end and view[start].isspace():
        start += 1
    while end > start and view[end - 1].isspace():
        end -= 1
    return start, end
