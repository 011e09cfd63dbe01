"""Two sentences held together by a comma alone."""

from collections.abc import Iterator

from orchestration.providers.house.lexicon import (
    CONTRACTED_SUBJECTS,
    FINITE,
    PREPOSITIONS,
    SUBJECTS,
    SUBORDINATORS,
)
from orchestration.providers.house.prose import Word
from orchestration.providers.house.reading import PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue
from orchestration.providers.house.wordsets import word_set

_PARENTHETICAL = word_set("think know believe suppose guess hope mean say said says wonder feel seems")
_NOT_OPENERS = (
    SUBORDINATORS | PREPOSITIONS | {"not", "either", "neither", "whether", "having", "being", "given", "let"}
)
_PERSONS = word_set("i we they he she")
_BREAKS = frozenset(';:—–()[]“”"…')
_THANKS = frozenset(("thanks", "thank"))
_COORDINATORS = word_set("and but or nor so yet then")


def splices(reading: Reading) -> Iterator[Issue]:
    """Find ", it is" and ", the launch is" after a clause that could stand alone."""
    for sentence in reading.running:
        words = sentence.words
        if words[0].lower in SUBORDINATORS:
            continue
        clause_start = segment = 0
        for index in range(1, len(words) - 1):
            gap = reading.prose.gap(words[index - 1], words[index])
            if set(gap) & _BREAKS:
                clause_start = segment = index
                continue
            if gap.strip() != "," or words[index].quoted:
                continue
            clause = words[clause_start:index]
            verb = _new_clause(reading, words, index)
            aside = segment > clause_start and _is_aside(words[segment])
            segment = index
            if verb is not None and not aside and _independent(clause) and len(words) - index >= 3:
                yield _issue(reading, words[index - 1], words[verb])
            elif words[index].lower in _COORDINATORS:
                clause_start = index + 1


def _new_clause(reading: Reading, words: tuple[Word, ...], index: int) -> int | None:
    """The index of the verb, when a subject and a finite verb follow the comma."""
    index = _past_adverbial(words, index)
    first = words[index].lower
    if first in CONTRACTED_SUBJECTS:
        return index
    if first in SUBJECTS and first != "that":
        verb = index + 1
    elif first in ("the", "our", "your", "my", "their"):
        verb = index + 2
    elif first == "its" and words[index + 1 : index + 2] and words[index + 1].lower in ("a", "going", "not"):
        return index
    else:
        return None
    if verb >= len(words) or not _finite(words[verb].lower, first):
        return None
    if any(
        reading.prose.gap(a, b).strip()
        for a, b in zip(words[index:verb], words[index + 1 : verb + 1], strict=False)
    ):
        return None
    if words[verb].lower in _PARENTHETICAL and (
        verb + 1 == len(words) or reading.prose.gap(words[verb], words[verb + 1]).strip()
    ):
        return None
    if first in ("those", "these") and words[verb].lower not in ("is", "are", "was", "were"):
        return None
    return verb


def _finite(verb: str, subject: str) -> bool:
    return verb in FINITE or (subject in _PERSONS and verb.endswith("ed") and len(verb) > 4)


def _past_adverbial(words: tuple[Word, ...], index: int) -> int:
    """The place of the subject, when an adverb or "last year" opens the clause."""
    if words[index].lower in ("basically", "maybe", "perhaps", "actually", "personally", "honestly"):
        index += 1
    elif words[index].lower in ("last", "this", "next") and index + 2 < len(words):
        index += 2 if words[index + 1].lower in ("year", "week", "month", "time") else 0
    return min(index, len(words) - 1)


def _is_aside(first: Word) -> bool:
    """A participle or a subordinate clause between commas leads to what follows."""
    return first.lower in _NOT_OPENERS or first.lower.endswith("ing")


def _independent(clause: tuple[Word, ...]) -> bool:
    if len(clause) < 3 or any(word.quoted for word in clause):
        return False
    first = clause[0].lower
    if first in _THANKS:
        return True
    if first in _NOT_OPENERS or first.endswith(("ing", "ly")) or first in ("to", "please"):
        return False
    # A subordinate clause inside the first half usually leads to the second ("Say that when it rains, we").
    if any(
        word.lower in SUBORDINATORS - {"that", "so", "than", "how", "what", "who", "which", "like"}
        for word in clause[1:]
    ):
        return False
    return any(
        word.lower in FINITE or word.lower in CONTRACTED_SUBJECTS or _third_person(word)
        for word in clause[:7]
    )


def _third_person(word: Word) -> bool:
    return word.lower in (
        "stays",
        "needs",
        "works",
        "looks",
        "seems",
        "comes",
        "goes",
        "means",
        "starts",
        "ends",
    )


def _issue(reading: Reading, before: Word, verb: Word) -> Issue:
    quote = reading.prose.source[before.start : verb.end]
    message = f"A comma joins two sentences at “{quote}”: use a full stop, a semicolon or a conjunction."
    return reading.issue(before.start, verb.end, "comma splice", "minor", message)


RULES = (Rule(splices, PLAIN),)
