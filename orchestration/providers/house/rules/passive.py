"""Verbs that hide or postpone who acts."""

import re
from collections.abc import Iterator

from orchestration.providers.house.lexicon import ADVERBS_BETWEEN, BE, is_participle
from orchestration.providers.house.prose import Sentence, Word
from orchestration.providers.house.reading import PLAIN, Reading, Rule, listed
from orchestration.providers.house.results import Issue

_AGENT = re.compile(
    r"^\s+(?:\w+\s+)?by\s+(?P<agent>(?:the|our|a|an|his|her|their|my|your)\s+[a-z]+|"
    r"[A-Z][a-z]+(?:\s[A-Z][a-z]+)?|me|us|them|him|her|\d[\d,]* [a-z]+)\b"
)
_BY_QUANTITY = re.compile(
    r"^\s+by\s+(?:\d[\d.,]*\s?(?:%|percent|per cent|points?|times|[\d.,;:)])|a "
    r"(?:factor|third|half|quarter)|the (?:end|time|year|way|day))"
)
_IMPERSONAL = re.compile(
    r"\b[Ii]t (?:was|is|has been|had been) (?P<verb>decided|agreed|anticipated|believed|felt|thought|"
    r"considered|"
    r"recommended|suggested|proposed|expected|hoped|assumed|concluded|noted|understood) that\b"
)
_DECISION = re.compile(
    r"\b[Aa] decision (?:will be|was|has been|is being|is) (?:made|taken) by (?P<who>[A-Z]\w+|the \w+)"
)


def passives(sentence: Sentence) -> Iterator[tuple[Word, Word]]:
    """Yield each passive of a sentence: its form of "be" and its participle."""
    words = sentence.words
    for index, word in enumerate(words):
        if word.lower not in BE:
            continue
        for step in range(index + 1, min(index + 4, len(words))):
            following = words[step]
            if is_participle(following.lower):
                if following.lower not in BE:
                    yield word, following
                break
            if following.lower not in ADVERBS_BETWEEN and not following.lower.endswith("ly"):
                break


def check(reading: Reading) -> Iterator[Issue]:
    """Report passives with a named actor one by one, the others together when they are the text's habit."""
    hidden: list[tuple[Word, Word]] = []
    sentences = 0
    for sentence in reading.prose.sentences:
        if sentence.block.kind == "heading":
            continue
        sentences += 1
        agentless: tuple[Word, Word] | None = None
        for pair in passives(sentence):
            after = reading.prose.view[pair[1].end : sentence.end]
            agent = None if _BY_QUANTITY.match(after) else _AGENT.match(after)
            if agent and not _decision_at(reading, sentence):
                yield _with_agent(reading, pair, agent["agent"], pair[1].end + agent.end())
            elif not agent:
                if agentless is not None or not pair[0].quoted:
                    hidden.append(pair)
                agentless = pair
    in_share = len({id(reading.prose.sentence_at(pair[0].start)) for pair in hidden})
    if len(hidden) >= 3 and in_share >= 0.2 * sentences:
        yield _habit(reading, hidden, in_share, sentences)


def _decision_at(reading: Reading, sentence: Sentence) -> bool:
    return bool(_DECISION.search(reading.prose.view, sentence.start, sentence.end))


def _with_agent(reading: Reading, pair: tuple[Word, Word], agent: str, end: int) -> Issue:
    message = f"“{agent}” acts here: make {'them' if ' ' in agent else agent} the subject."
    return reading.issue(pair[0].start, end, "passive voice", "minor", message)


def _habit(reading: Reading, hidden: list[tuple[Word, Word]], count: int, sentences: int) -> Issue:
    source = reading.prose.source
    named = listed([source[be.start : verb.end] for be, verb in hidden], limit=9)
    first = hidden[0]
    message = f"{count} of {sentences} sentences are passive without saying who acts: {named}."
    return reading.issue(first[0].start, first[1].end, "passive voice", "minor", message)


def impersonal(reading: Reading) -> Iterator[Issue]:
    """Find "it was decided that": by whom?"""
    for found in _IMPERSONAL.finditer(reading.prose.view):
        message = (
            f"“{found.group()}” does not say who "
            f"{'decided' if found['verb'] == 'decided' else 'holds this'}; name them."
        )
        yield reading.issue(found.start(), found.end(), "vague", "moderate", message)


def decisions(reading: Reading) -> Iterator[Issue]:
    """Find "a decision will be made by Tom", which is "Tom will decide"."""
    for found in _DECISION.finditer(reading.prose.view):
        who = found["who"]
        future = "will be" in found.group()
        fixed = (
            f"{who[0].upper() if found.group()[0] == 'A' else who[0]}{who[1:]} "
            f"{'will decide' if future else 'decided'}"
        )
        message = f"“{found.group()}” is “{fixed}”."
        yield reading.issue(
            found.start(), found.end(), "passive voice", "minor", message, suggestion=fixed, safe=True
        )


RULES = (Rule(check, PLAIN), Rule(impersonal, PLAIN), Rule(decisions, PLAIN))
