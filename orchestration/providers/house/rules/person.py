"""Changes of person: an organisation that becomes "we", somebody spoken of and then spoken to."""

import re
from collections.abc import Iterator
from itertools import pairwise

from orchestration.providers.house.prose import Sentence
from orchestration.providers.house.reading import PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue
from orchestration.providers.house.rules.names import sound

_OUTSIDE = re.compile(
    r"\b(?P<name>[A-Z]\w+(?: [A-Z]\w+)?) (?:is|are) (?:committed|dedicated|proud|focused|devoted|known|"
    r"passionate|determined)\b"
)
_WE = re.compile(r"\b(?P<we>we|our|us)\b")
_SPOKEN_OF = re.compile(r"\b(?P<name>[A-Z][a-z]+) (?:is|will|has|was|needs|said|can|should)\b")
_SPOKEN_TO = re.compile(r"^[*_“\"]*(?P<name>[A-Z][a-z]+), (?:can|could|please|would|will|do|are|have|let)\b")


def organisations(reading: Reading) -> Iterator[Issue]:
    """Find "Acme is committed to … everything that we do"."""
    for sentence in reading.running:
        view = reading.prose.view
        outside = _OUTSIDE.search(view, sentence.start, sentence.end)
        inside = _WE.search(view, outside.end(), sentence.end) if outside else None
        if outside and inside and not reading.prose.quoted(inside.start(), inside.end()):
            start = inside.start()
            end = _phrase_end(sentence, start)
            message = (
                f"The sentence begins with “{outside['name']}” in the third person and ends with "
                f"“{inside['we']}”."
            )
            yield reading.issue(start, end, "consistency", "minor", message)


def _phrase_end(sentence: Sentence, start: int) -> int:
    words = [word for word in sentence.words if word.start >= start]
    return words[min(1, len(words) - 1)].end


def addressees(reading: Reading) -> Iterator[Issue]:
    """Find somebody spoken of in one sentence and spoken to in the next."""
    sentences = reading.running
    for before, after in pairwise(sentences):
        view = reading.prose.view
        addressed = _SPOKEN_TO.match(view[after.start : after.end])
        if not addressed or before.block is not after.block:
            continue
        for spoken in _SPOKEN_OF.finditer(view, before.start, before.end):
            if sound(spoken["name"].lower()) == sound(addressed["name"].lower()):
                message = (
                    f"“{spoken.group()}” speaks about {spoken['name']}, the next sentence to them; "
                    "put the request in one place."
                )
                start = after.start + addressed.start("name")
                yield reading.issue(start, after.start + addressed.end(), "tone", "minor", message)
                break


RULES = (Rule(organisations, PLAIN), Rule(addressees, PLAIN))
