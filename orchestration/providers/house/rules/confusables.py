"""Words mistaken for others that sound alike, and words run together."""

from collections.abc import Iterator
from typing import NamedTuple

from orchestration.providers.house.lexicon import IRREGULAR_PARTICIPLES
from orchestration.providers.house.phrases import PhraseTable
from orchestration.providers.house.reading import EVERY, Reading, Rule, recase, typographic
from orchestration.providers.house.results import Issue
from orchestration.providers.house.wordsets import word_set


class _Slip(NamedTuple):
    """What is meant; whether that is certain; whether speech and old prose may say it so."""

    meant: str
    certain: bool = True
    spoken: bool = False
    before: frozenset[str] | None = None  # only in front of one of these


_TABLE: dict[str, _Slip] = {
    wrong: _Slip(right)
    for wrong, right in (
        ("atleast", "at least"),
        ("alot", "a lot"),
        ("aswell", "as well"),
        ("incase", "in case"),
        ("infact", "in fact"),
        ("eachother", "each other"),
        ("everytime", "every time"),
        ("noone", "no one"),
        ("thankyou", "thank you"),
        ("inspite", "in spite"),
        ("abit", "a bit"),
        ("ofcourse", "of course"),
        ("irregardless", "regardless"),
        ("for all intensive purposes", "for all intents and purposes"),
        ("one in the same", "one and the same"),
        ("per say", "per se"),
        ("free reign", "free rein"),
        ("sneak peak", "sneak peek"),
        ("peaked my interest", "piqued my interest"),
        ("bare with me", "bear with me"),
        ("bare with us", "bear with us"),
        ("case and point", "case in point"),
        ("mute point", "moot point"),
        ("on tender hooks", "on tenterhooks"),
        ("wet your appetite", "whet your appetite"),
        ("wreck havoc", "wreak havoc"),
        ("there own", "their own"),
        ("they're own", "their own"),
        ("their is", "there is"),
        ("their are", "there are"),
        ("their was", "there was"),
        ("their were", "there were"),
        ("rather then", "rather than"),
        ("other then", "other than"),
        ("way to much", "way too much"),
        ("an affect on", "an effect on"),
        ("the affect of", "the effect of"),
        ("no affect", "no effect"),
        ("take affect", "take effect"),
        ("takes affect", "takes effect"),
        ("in affect", "in effect"),
        ("the principle reason", "the principal reason"),
        ("in principal", "in principle"),
    )
}
_COMPARED = word_set(
    "the a an any all ever expected usual before last this that one two three ten my our "
    "your i we they he she it you"
)
_TABLE |= {
    "your not": _Slip("you're not", spoken=True),
    "your going": _Slip("you're going", spoken=True, before=word_set("to")),
    "if your": _Slip(
        "if you're", spoken=True, before=word_set("not going sure looking interested ready able unsure")
    ),
    "more then": _Slip("more than", spoken=True, before=_COMPARED),
    "less then": _Slip("less than", spoken=True, before=_COMPARED),
    "better then": _Slip("better than", spoken=True, before=_COMPARED),
    "worse then": _Slip("worse than", spoken=True, before=_COMPARED),
    "to much": _Slip("too much", spoken=True, before=word_set("time work money of to for")),
    "loose the": _Slip("lose the", certain=False, spoken=True),
    "to loose": _Slip("to lose", certain=False, spoken=True),
    "could care less": _Slip("couldn't care less", certain=False, spoken=True),
    "suppose to": _Slip("supposed to", certain=False, spoken=True, before=word_set("be have do go")),
    "like it says": _Slip("as it says", spoken=True),
    "like it said": _Slip("as it said", spoken=True),
    "like he says": _Slip("as he says", spoken=True),
    "like she says": _Slip("as she says", spoken=True),
    "like they say": _Slip("as they say", spoken=True),
    "very unique": _Slip("unique", certain=False, spoken=True),
    "most unique": _Slip("most unusual", certain=False, spoken=True),
}
_MODALS = word_set("should would could might must shouldn't wouldn't couldn't")
_COMPLETING = word_set("been gone had come let put read become done")
_PHRASES = PhraseTable(_TABLE)


def check(reading: Reading) -> Iterator[Issue]:
    """Find the phrases of the table where they are wrong."""
    for hit in _PHRASES.find(reading.prose):
        slip = hit.value
        spoken = hit.words[0].quoted and (slip.spoken or reading.register == "narrative")
        if spoken or (slip.spoken and reading.register == "period"):
            continue
        if slip.before is not None and _following(reading, hit.end) not in slip.before:
            continue
        original = reading.prose.source[hit.start : hit.end]
        fixed = typographic("’" if "’" in reading.prose.source else "", recase(original, slip.meant))
        message = f"“{original}” is meant to be “{fixed}”."
        yield reading.issue(
            hit.start, hit.end, "word choice", "moderate", message, suggestion=fixed, safe=slip.certain
        )


def modals(reading: Reading) -> Iterator[Issue]:
    """Find "should of read": a modal verb, "of" and a participle."""
    for sentence in reading.prose.sentences:
        for modal, of, verb in zip(sentence.words, sentence.words[1:], sentence.words[2:], strict=False):
            if of.lower != "of" or modal.lower not in _MODALS or not _completes(verb.lower):
                continue
            if reading.prose.gap(modal, of).strip() or reading.prose.gap(of, verb).strip():
                continue
            fixed = f"{modal.text} have {verb.text}"
            quote = reading.prose.source[modal.start : verb.end]
            message = f"“{quote}” is meant to be “{fixed}”."
            yield reading.issue(
                modal.start, verb.end, "word choice", "moderate", message, suggestion=fixed, safe=True
            )


def _completes(word: str) -> bool:
    return word in _COMPLETING or word in IRREGULAR_PARTICIPLES or (word.endswith("ed") and len(word) > 4)


def _following(reading: Reading, end: int) -> str:
    rest = reading.prose.view[end : end + 24].lower().split()
    return rest[0].strip(".,;:!?)”\"'’") if rest else ""


RULES = (Rule(check, EVERY), Rule(modals, EVERY))
