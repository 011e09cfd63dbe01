"""Sentences and paragraphs that run too long for one breath."""

from collections.abc import Iterator

from orchestration.providers.house.prose import Sentence
from orchestration.providers.house.reading import EVERY, Reading, Rule
from orchestration.providers.house.results import Issue, Register, Severity

LONG: dict[Register, int] = {"plain": 35, "narrative": 55, "period": 65}
_MOST: dict[Register, int] = {"plain": 4, "narrative": 2, "period": 2}
_PARAGRAPH: dict[Register, int] = {"plain": 220, "narrative": 300, "period": 450}


def long_sentences(reading: Reading) -> Iterator[Issue]:
    """Report the longest sentences over the limit of the register; what they quote does not count."""
    limit, most = LONG[reading.register], _MOST[reading.register]
    lengths = {s.start: sum(not word.quoted for word in s.words) for s in reading.running}
    found = [s for s in reading.running if lengths[s.start] > limit and not _is_list(reading, s)]
    longest = sorted(found, key=lambda sentence: (-lengths[sentence.start], sentence.start))[:most]
    for sentence in sorted(longest, key=lambda kept: kept.start):
        words, count = sentence.words, lengths[sentence.start]
        more = (
            (f", the longest of {len(found)} over {limit}")
            if len(found) > most and sentence is longest[0]
            else ""
        )
        message = f"A sentence of {count} words{more}. Split it where the second thought begins."
        severity: Severity = "moderate" if count > limit + 15 else "minor"
        yield reading.issue(words[0].start, words[5].end, "long sentence", severity, message)


def _is_list(reading: Reading, sentence: Sentence) -> bool:
    """A long enumeration is not hard to read."""
    view = reading.prose.view[sentence.start : sentence.end]
    marks = view.count(",") + view.count(";") + view.count("·")
    return (reading.register == "plain" and marks * 5 > len(sentence.words)) or "|" in view


def long_paragraphs(reading: Reading) -> Iterator[Issue]:
    """Report the longest paragraph over the limit of the register."""
    lengths: dict[int, list[Sentence]] = {}
    for sentence in reading.running:
        lengths.setdefault(sentence.block.start, []).append(sentence)
    counted = {start: sum(len(s.words) for s in group) for start, group in lengths.items()}
    over = [start for start, count in counted.items() if count > _PARAGRAPH[reading.register]]
    if not over:
        return
    longest = max(over, key=lambda start: (counted[start], -start))
    words = lengths[longest][0].words
    more = f", the longest of {len(over)} such" if len(over) > 1 else ""
    message = f"A paragraph of {counted[longest]} words{more}. A break would let the reader rest."
    yield reading.issue(words[0].start, words[min(5, len(words) - 1)].end, "rhythm", "minor", message)


RULES = (Rule(long_sentences, EVERY), Rule(long_paragraphs, EVERY))
