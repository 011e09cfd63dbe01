"""One name in two spellings, in the text or against the story bible."""

import re
from collections import Counter
from collections.abc import Iterator

from orchestration.providers.house.lexicon import MONTHS, WEEKDAYS
from orchestration.providers.house.prose import Word
from orchestration.providers.house.reading import EVERY, Reading, Rule, times
from orchestration.providers.house.results import Issue
from orchestration.providers.house.wordsets import word_set

_NOT_NAMES = frozenset(MONTHS + WEEKDAYS) | word_set("i i'm i'll i've i'd mr mrs ms dr miss lady sir lord")
_MIN_LENGTH = 4


def check(reading: Reading) -> Iterator[Issue]:
    """Find names that sound alike and are spelt differently; the rarer spelling is the one quoted."""
    names, certain = _names(reading)
    by_sound: dict[str, list[str]] = {}
    for name in names:
        by_sound.setdefault(sound(name), []).append(name)
    known = {part for full in reading.known_names for part in _parts(full)}
    for group in by_sound.values():
        group.sort(key=lambda name: (-len(names[name]), names[name][0].start))
        for rarer in group[1:]:
            usual = group[0]
            if (
                {usual, rarer} <= known
                or not {usual, rarer} & certain
                or not _same_person(reading, names, usual, rarer)
            ):
                continue
            yield _variant(reading, names[rarer], names[usual])
    yield from _slips(reading, names, certain)


def _same_person(reading: Reading, names: dict[str, list[Word]], usual: str, rarer: str) -> bool:
    """Short texts: enough that they sound alike. Long ones: the other spelling must be a rare exception."""
    short, long = sorted((usual, rarer), key=len)
    if len(short) < _MIN_LENGTH and long != short + "e":
        return False
    if len(long) - len(short) > 2 or {usual + "s", rarer + "s"} & {usual, rarer}:
        return False
    if len(reading.prose.words) < 2000:
        return True
    return len(names[rarer]) <= 2 and len(names[usual]) >= 4 * len(names[rarer])


def _slips(reading: Reading, names: dict[str, list[Word]], certain: set[str]) -> Iterator[Issue]:
    """Long names with two letters exchanged ("Brihgtwater"), also where the slip opens a sentence."""
    frequent = [name for name in names if name in certain and len(names[name]) >= 2 and len(name) >= 6]
    for rarer, uses in names.items():
        if len(uses) > 1 or len(rarer) < 6:
            continue
        for usual in frequent:
            if _exchanged(rarer, usual) and sound(rarer) != sound(usual):
                yield _variant(reading, uses, names[usual])
                break


def _exchanged(left: str, right: str) -> bool:
    if len(left) != len(right) or left[0] != right[0]:
        return False
    differing = [index for index in range(len(left)) if left[index] != right[index]]
    if len(differing) != 2 or differing[1] != differing[0] + 1:
        return False
    first, second = differing
    return left[first] == right[second] and left[second] == right[first]


def _variant(reading: Reading, rarer: list[Word], usual: list[Word]) -> Issue:
    word, other = rarer[0], usual[0]
    message = (
        f"“{word.text}” ({times(len(rarer))}) and “{other.text}” ({times(len(usual))}): one name in two "
        "spellings? "
        "Only the author knows which is right."
    )
    return reading.issue(word.start, word.end, "name", "major", message, suggestion=other.text)


def against_bible(reading: Reading) -> Iterator[Issue]:
    """Find names one letter away from a name of the story bible."""
    parts = {part for full in reading.known_names for part in _parts(full)}
    if not parts:
        return
    names, certain = _names(reading)
    for name, uses in names.items():
        if name not in certain or name in parts or len(name) < _MIN_LENGTH or name.rstrip("s") in parts:
            continue
        known = next((p for p in sorted(parts) if _close(name, p)), None)
        if known is not None:
            spelled = next(
                token
                for full in reading.known_names
                for token in full.split()
                if token.lower().strip(".,") == known
            ).strip(".,")
            word = uses[0]
            message = f"“{word.text}” ({times(len(uses))}): the story bible spells “{spelled}”."
            yield reading.issue(word.start, word.end, "name", "major", message, suggestion=spelled)


def _close(name: str, known: str) -> bool:
    if abs(len(name) - len(known)) > 1 or name[0] != known[0] or len(known) < _MIN_LENGTH:
        return False
    if sound(name) == sound(known) or _exchanged(name, known):
        return True
    if len(known) < 6:
        return False
    if len(name) == len(known):
        return sum(a != b for a, b in zip(name, known, strict=True)) == 1
    short, long = sorted((name, known), key=len)
    return any(long[:index] + long[index + 1 :] == short for index in range(len(long)))


def _parts(full: str) -> Iterator[str]:
    for part in re.findall(r"[^\W\d_]+", full):
        if len(part) >= 3:
            yield part.lower()


def _names(reading: Reading) -> tuple[dict[str, list[Word]], set[str]]:
    """Words that are always capitalised, by their lower-case form, and those of them that surely are names.

    Surely: capitalised inside a sentence, or called by name at its start ("Sara, can you").
    """
    small: Counter[str] = Counter()
    uses: dict[str, list[Word]] = {}
    inside: set[str] = set()
    for sentence in reading.prose.sentences:
        for index, word in enumerate(sentence.words):
            lower = word.lower.removesuffix("'s")
            if word.text[0].islower():
                small[lower] += 1
            elif word.text[1:].islower() or "’s" in word.text or "'s" in word.text:
                uses.setdefault(lower, []).append(word)
                before = reading.prose.view[max(0, word.start - 3) : word.start]
                if (
                    index and not re.search(r"[.!?:—“\"‘(*]\s*$", before)
                ) or sentence.block.kind == "heading":
                    inside.add(lower)
    inside |= {name for name in uses if any(_vocative(reading, word) for word in uses[name])}
    names = {
        name: [_bare(word) for word in words]
        for name, words in uses.items()
        if not small[name] and len(name) >= 3 and name not in _NOT_NAMES and name.isalpha()
    }
    return names, inside & names.keys()


def _bare(word: Word) -> Word:
    if not word.lower.endswith("'s"):
        return word
    return Word(word.text[:-2], word.lower[:-2], word.start, word.end - 2, word.quoted)


def _vocative(reading: Reading, word: Word) -> bool:
    return reading.prose.view[word.end : word.end + 1] == ","


def sound(name: str) -> str:
    """A coarse key: what stays when silent and doubled letters and equal sounds are folded."""
    key = name.lower()
    for spelling, sound in (
        ("ph", "f"),
        ("ck", "k"),
        ("th", "t"),
        ("ie", "i"),
        ("ey", "i"),
        ("ee", "i"),
        ("ae", "e"),
    ):
        key = key.replace(spelling, sound)
    key = key.translate(str.maketrans("cyz", "kis"))
    key = key[0] + re.sub(r"h(?![aeiou])", "", key[1:])
    key = re.sub(r"(.)\1+", r"\1", key)
    return re.sub(r"(?<=.{2})e$", "", key)


RULES = (Rule(check, EVERY), Rule(against_bible, EVERY))
