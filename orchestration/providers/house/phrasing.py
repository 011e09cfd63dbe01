"""Small pieces of the sentences in which House speaks."""

import re
from collections import Counter
from collections.abc import Iterable

_PLURALS = {
    "agreement": "agreements of subject and verb",
    "word choice": "wrong words",
    "spelling": "misspellings",
    "punctuation": "marks of punctuation",
    "wordiness": "wordy phrases",
    "redundancy": "redundancies",
    "passive voice": "passives",
    "repetition": "repetitions",
    "cliché": "stock phrases",
    "filler": "fillers",
    "promotional language": "promotional passages",
    "consistency": "inconsistencies",
    "tone": "questions of tone",
    "vague": "vague statements",
    "reference": "unclear references",
    "rhythm": "points of rhythm",
    "agreed": "replacements that you asked for",
}
_SINGULARS = {
    "agreement": "agreement of subject and verb",
    "word choice": "wrong word",
    "spelling": "misspelling",
    "punctuation": "mark of punctuation",
    "wordiness": "wordy phrase",
    "passive voice": "passive",
    "cliché": "stock phrase",
    "promotional language": "promotional passage",
    "consistency": "inconsistency",
    "tone": "question of tone",
    "vague": "vague statement",
    "reference": "unclear reference",
    "rhythm": "point of rhythm",
    "agreed": "replacement that you asked for",
}
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def amount(count: int, singular: str, plural: str | None = None) -> str:
    """ "one point", "12 points"."""
    figure = _WORDS[count] if count < len(_WORDS) else str(count)
    return f"{figure} {singular if count == 1 else plural or singular + 's'}"


def kinds(categories: Iterable[str]) -> str:
    """ "three doubled words, two apostrophes and one misspelling", most frequent first."""
    counted = Counter(categories).most_common()
    return joined([amount(n, _SINGULARS.get(kind, kind), _PLURALS.get(kind)) for kind, n in counted])


def joined(parts: list[str]) -> str:
    """ "a, b and c"."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


def sentence(text: str) -> str:
    """Begin with a capital, end with a stop."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if re.search(r"[.!?][”\"’)]?$", text) else text + "."


def short(text: str, limit: int = 60) -> str:
    """A passage on one line, cut at a word."""
    line = re.sub(r"\s+", " ", text).strip()
    return line if len(line) <= limit else line[:limit].rsplit(" ", 1)[0] + " …"
