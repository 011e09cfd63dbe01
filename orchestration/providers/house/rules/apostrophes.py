"""Apostrophes that are missing or do not belong."""

import re
from collections.abc import Iterator

from orchestration.providers.house.lexicon import BE, WEEKDAYS, is_plural
from orchestration.providers.house.prose import Word
from orchestration.providers.house.reading import EVERY, Reading, Rule, recase, typographic
from orchestration.providers.house.results import Issue
from orchestration.providers.house.wordsets import in_order, word_set

_CONTRACTIONS = {
    plain: full
    for full in in_order(
        "haven't hasn't hadn't isn't aren't wasn't weren't don't doesn't didn't wouldn't couldn't "
        "shouldn't mustn't needn't can't that's what's who's there's here's where's you're you've "
        "they're they've we've i've i'm let's it'll they'll you'll that'll there'll i'd"
    )
    if (plain := full.replace("'", ""))
    not in {"were", "well", "shell", "hell", "ill", "id", "wed", "shed", "hed", "lets", "cant", "whos"}
} | {"cant": "can't", "whos": "who's"}
# "Cant" is a noun, and these plain forms are words of other meaning when capitalised or alone.
_NOT_AFTER = {"cant": word_set("the a of and political religious hypocritical this such no")}

# After these, "its" can only be "it is" or "it has".
_IT_IS = word_set(
    "a an the been not still really very going just so too also because never always about been "
    "getting got only fine okay ok clear likely unlikely possible impossible important easy hard "
    "difficult great good bad nice worth hot cold late time raining snowing all over almost already "
    "nearly probably perhaps actually basically quite that what why how where when if like supposed "
    "meant hard these those this my your our their his her busy true wrong obvious amazing"
)
# … unless one of these follows: "its very existence", "its first", "its long-lost".
_AMBIGUOUS_NEXT = word_set(
    "very only good bad hard hot cold late time all over great nice easy difficult likely possible "
    "important clear true wrong obvious fine busy still quite just always never own amazing "
    "impossible unlikely already nearly almost probably"
)
_ADVERBS = word_set("still just already probably nearly almost quite only")
_CLAUSE_OPENERS = word_set(
    "know think thinks hope guess feel said says that because while if when since although though so "
    "but and as believe mean suppose sure glad afraid where until unless"
)
_DAYS = "today|yesterday|tomorrow|tonight|everyone|everybody|someone|somebody|anyone|nobody"
_POSSESSIVE = re.compile(rf"\b(?P<owner>{_DAYS})s(?= [a-z]+)", re.IGNORECASE)
_WEEKDAY = re.compile(
    rf"\b(?P<owner>{'|'.join(day.capitalize() for day in WEEKDAYS)})s"
    r"(?= (?:fair|meeting|call|match|game|class|lesson|session|deadline|paper|show|party|event|lunch|"
    r"dinner|edition)\b)"
)
_ITS_OWN = re.compile(r"\b(?P<its>[Ii]t['’]s)(?= (?:own|whole own|predecessors?|contents?)\b)")
_PERIODS = re.compile(
    r"\b(?P<count>two|three|four|five|six|seven|eight|nine|ten|twelve|several|\d+) "
    r"(?P<unit>days|weeks|months|years) (?=notice\b|leave\b|pay\b|experience\b|worth\b)",
    re.IGNORECASE,
)


def contractions(reading: Reading) -> Iterator[Issue]:
    """Find "havent", "thats", "dont"."""
    for sentence in reading.prose.sentences:
        for index, word in enumerate(sentence.words):
            full = _CONTRACTIONS.get(word.lower)
            if full is None or (word.text.isupper() and len(word.text) > 1):
                continue
            before = sentence.words[index - 1].lower if index else ""
            if before in _NOT_AFTER.get(word.lower, ()) or _is_clipped(reading, word):
                continue
            fixed = recase(word.text, full) if not full.startswith("i'") else "I" + full[1:]
            fixed = typographic("’" if "’" in reading.prose.source else "", fixed)
            message = f"“{word.text}” lacks its apostrophe: “{fixed}”."
            yield reading.issue(
                word.start, word.end, "apostrophe", "moderate", message, suggestion=fixed, safe=True
            )


def _is_clipped(reading: Reading, word: Word) -> bool:
    """ "’im", "'ave": the apostrophe stands before the word."""
    return reading.prose.view[max(0, word.start - 1) : word.start] in ("’", "'", "‘")


def its(reading: Reading) -> Iterator[Issue]:
    """Find "its" that means "it is"; quotes it with the next word, which proves it."""
    prose = reading.prose
    for sentence in prose.sentences:
        words = sentence.words
        for index, word in enumerate(words[:-1]):
            following = words[index + 1]
            if word.lower != "its" or following.lower not in _IT_IS or prose.gap(word, following).strip():
                continue
            before = words[index - 1].lower if index else ""
            if following.lower in _AMBIGUOUS_NEXT and not _proved(words, index, before):
                continue
            fixed = typographic("’" if "’" in prose.source else "", recase(word.text, "it's"))
            quote = prose.source[word.start : following.end]
            yield reading.issue(
                word.start,
                following.end,
                "apostrophe",
                "moderate",
                f"“{quote}” means “it is {following.text}”: “it's” takes an apostrophe, the possessive "
                "“its” none.",
                suggestion=fixed + quote[len(word.text) :],
                safe=True,
            )


def _proved(words: tuple[Word, ...], index: int, before: str) -> bool:
    """An ambiguous word after "its" proves "it is" when a clause begins here and no noun follows."""
    if before not in _CLAUSE_OPENERS:
        return False
    after = words[index + 2 : index + 3]
    return not after or (words[index + 1].lower in _ADVERBS and not is_plural(after[0].lower))


def possessives(reading: Reading) -> Iterator[Issue]:
    """Find "todays call", "two weeks notice", "it's own"."""
    prose = reading.prose
    mark = "’" if "’" in prose.source else "'"
    for found in (*_POSSESSIVE.finditer(prose.view), *_WEEKDAY.finditer(prose.view)):
        fixed = f"{found['owner']}{mark}s"
        message = f"The possessive takes an apostrophe: “{fixed}”."
        yield reading.issue(
            found.start(), found.end(), "apostrophe", "moderate", message, suggestion=fixed, safe=True
        )
    for found in _ITS_OWN.finditer(prose.view):
        fixed = recase(found["its"], "its")
        message = "“it's” is “it is”; the possessive has no apostrophe: “its”."
        yield reading.issue(
            found.start(), found.end(), "apostrophe", "moderate", message, suggestion=fixed, safe=True
        )
    for found in _PERIODS.finditer(prose.view):
        end = found.end() - 1
        fixed = prose.source[found.start() : end] + mark
        message = f"A length of time used as a possessive takes an apostrophe: “{fixed}”."
        yield reading.issue(found.start(), end, "apostrophe", "minor", message, suggestion=fixed, safe=False)


def plurals(reading: Reading) -> Iterator[Issue]:
    """Find "it's" after a form of "be" or a preposition, where only the possessive fits ("of it's value")."""
    for sentence in reading.prose.sentences:
        for before, word, following in zip(
            sentence.words, sentence.words[1:], sentence.words[2:], strict=False
        ):
            if word.lower != "it's" or before.lower not in ("of", "for", "with", "from", "in", "on", "by"):
                continue
            if (
                following.lower in _IT_IS
                or following.lower in BE
                or following.lower.endswith(("ed", "ing", "ly"))
            ):
                continue
            if reading.prose.gap(before, word).strip() or reading.prose.gap(word, following).strip():
                continue
            message = "“it's” is “it is”; the possessive has no apostrophe: “its”."
            yield reading.issue(
                word.start, word.end, "apostrophe", "moderate", message, suggestion=recase(word.text, "its")
            )


RULES = (Rule(contractions, EVERY), Rule(its, EVERY), Rule(possessives, EVERY), Rule(plurals, EVERY))
