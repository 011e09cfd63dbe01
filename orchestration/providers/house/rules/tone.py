"""Phrases that reproach, demand or stiffen."""

from collections.abc import Iterator

from orchestration.providers.house.phrases import PhraseTable
from orchestration.providers.house.reading import PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue

_REPROACH = (
    "like last time;unlike last time;as i already said;as i said before;as i have already explained;"
    "per my last email;as per my last email;as previously stated;you failed to;you should know;you people;"
    "i would have thought;it should be obvious;for the last time;once again i"
)
_STIFF = {
    "please be advised that": "leave it out",
    "enclosed please find": "“here is”",
    "attached please find": "“here is”",
    "as per": "“according to”, or “as”",
    "the undersigned": "“I”",
    "herewith": "leave it out",
    "pursuant to": "“under”",
    "aforementioned": "“this”",
    "kindly revert": "“please answer”",
}
_REPROACHES = PhraseTable({phrase: phrase for phrase in _REPROACH.split(";")})
_STIFFS = PhraseTable(_STIFF)


def reproaches(reading: Reading) -> Iterator[Issue]:
    """Find asides that a reader will hear as blame."""
    for hit in _REPROACHES.find(reading.prose):
        if not hit.words[0].quoted:
            quote = reading.prose.source[hit.start : hit.end]
            message = (
                f"“{quote}” reads as a reproach to everyone addressed; leave it out, or say it to "
                "whom it concerns."
            )
            yield reading.issue(hit.start, hit.end, "tone", "minor", message)


def stiffness(reading: Reading) -> Iterator[Issue]:
    """Find office formulas with a human equivalent."""
    for hit in _STIFFS.find(reading.prose):
        if not hit.words[0].quoted:
            quote = reading.prose.source[hit.start : hit.end]
            message = f"“{quote}” is office language; {hit.value}."
            yield reading.issue(hit.start, hit.end, "tone", "minor", message)


RULES = (Rule(reproaches, PLAIN), Rule(stiffness, PLAIN))
