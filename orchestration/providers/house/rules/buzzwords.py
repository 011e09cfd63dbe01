"""Promotional words that praise instead of informing."""

import re
from collections.abc import Iterator

from orchestration.providers.house.phrases import Hit, PhraseTable
from orchestration.providers.house.prose import Sentence
from orchestration.providers.house.reading import PLAIN, Reading, Rule, listed, recase, times
from orchestration.providers.house.results import Issue, Severity
from orchestration.providers.house.wordsets import word_set

# Praise without a swap.
_PRAISE = (
    "revolutionary;best-in-class;best in class;world-class;world class;state-of-the-art;state of the art;"
    "cutting-edge;"
    "cutting edge;groundbreaking;ground-breaking;game changer;game-changer;game-changing;game changing;"
    "true game changer;innovative;innovation-driven;end-to-end solutions;innovative solutions;solutions "
    "provider;"
    "seamless;seamlessly;unprecedented;unprecedented levels of;unparalleled;unrivalled;unrivaled;unmatched;"
    "next-generation;next-gen;bleeding-edge;mission-critical;turnkey;disruptive;paradigm shift;synergy;"
    "synergies;"
    "synergistic;holistic;a leading global provider;leading global provider;a leading provider;leading "
    "provider;"
    "a global leader;world leader;world leading;world-leading;industry-leading;market-leading;fast-paced;"
    "empower;"
    "empowers;empowering;unlock;unlocks;unlocking;supercharge;supercharges;turbocharge;elevate your;"
    "transformative;fundamentally transform;fundamentally transforms;fundamentally change;radically "
    "transform;"
    "transform the way;reimagine;reimagines;reinvent the;hyper-personalised;hyper-personalized;ever-evolving;"
    "ever-changing;rapidly evolving;robust and scalable;truly unique;one-stop shop;one-stop-shop;"
    "incredibly excited;super excited;beyond excited;thought leader;thought leadership;value-add;"
    "best-of-breed;"
    "excellence in everything;sustainability, innovation and excellence"
)
# Praise that a plain verb replaces.
_PLAINER = {
    "leverage": "use",
    "leverages": "uses",
    "leveraged": "used",
    "leveraging": "using",
    "facilitates": "helps",
    "operationalize": "put to use",
    "incentivize": "encourage",
    "incentivise": "encourage",
}
_NOT_AFTER = word_set("the a an of financial high operating this that more some its their our")
_LITERAL = {
    "unlock": re.compile(
        r"^\s+(?:the|a|your|my|his|her|this|it|them|your)?\s*(?:door|phone|device|screen|account|file|"
        r"safe|car|gate|lock|row|document|key)",
        re.IGNORECASE,
    ),
    "innovative": re.compile(r"^\b$"),
}
_PRAISES = PhraseTable({phrase: phrase for phrase in _PRAISE.split(";")})
_PLAINER_TABLE = PhraseTable(_PLAINER)


def plainer(reading: Reading) -> Iterator[Issue]:
    """Find "leverages", which is "uses"."""
    for hit in _PLAINER_TABLE.find(reading.prose):
        before = reading.prose.view[max(0, hit.start - 14) : hit.start].lower().split()
        if hit.words[0].lower in ("leverage", "leveraged") and before and before[-1] in _NOT_AFTER:
            continue
        original = hit.words[0].text
        fixed = recase(original, hit.value)
        message = f"“{original}” is “{fixed}” in a good suit."
        yield reading.issue(hit.start, hit.end, "wordiness", "minor", message, suggestion=fixed, safe=True)


def praise(reading: Reading) -> Iterator[Issue]:
    """Find promotional words: one issue a sentence, and none for a text that uses a single one."""
    by_sentence: dict[int, tuple[Sentence, list[Hit[str]]]] = {}
    for hit in _PRAISES.find(reading.prose):
        sentence = reading.prose.sentence_at(hit.start)
        if sentence is None or _is_literal(reading, hit):
            continue
        by_sentence.setdefault(sentence.start, (sentence, []))[1].append(hit)
    total = sum(len(hits) for _, hits in by_sentence.values())
    if total < 2:
        return
    for sentence, hits in by_sentence.values():
        yield _sentence(reading, sentence, hits)
    yield from _repeated(reading, [hit for _, hits in by_sentence.values() for hit in hits])


def _is_literal(reading: Reading, hit: Hit[str]) -> bool:
    literal = _LITERAL.get(hit.value)
    return (literal is not None and bool(literal.match(reading.prose.view, hit.end, hit.end + 40))) or (
        hit.value == "unlock" and bool(literal and literal.match(reading.prose.view[hit.end : hit.end + 40]))
    )


def _sentence(reading: Reading, sentence: Sentence, hits: list[Hit[str]]) -> Issue:
    source = reading.prose.source
    first, last = hits[0], hits[0]
    for hit in hits[1:]:
        if hit.start - last.end > 6:
            break
        last = hit
    named = listed([source[hit.start : hit.end] for hit in hits], limit=9)
    where = "in the headline" if sentence.block.kind == "heading" else "in one sentence"
    if len(hits) == 1:
        message = f"{named} praises without saying anything that can be checked."
    else:
        message = f"{len(hits)} promotional words {where}: {named}. Keep what can be shown, with its figure."
    severity: Severity = "moderate" if len(hits) >= 3 else "minor"
    return reading.issue(first.start, last.end, "promotional language", severity, message)


def _repeated(reading: Reading, hits: list[Hit[str]]) -> Iterator[Issue]:
    seen: dict[str, list[Hit[str]]] = {}
    for hit in hits:
        seen.setdefault(hit.value.replace("-", " "), []).append(hit)
    for group in seen.values():
        if len(group) >= 2:
            again = group[1]
            quote = reading.prose.source[again.start : again.end]
            message = f"“{quote}” is used {times(len(group))}; a boast weakens with each repetition."
            yield reading.issue(again.start, again.end, "repetition", "minor", message)


RULES = (Rule(plainer, PLAIN), Rule(praise, PLAIN))
