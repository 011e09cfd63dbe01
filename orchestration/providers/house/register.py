"""Tells plain modern prose, a narrative, and prose of an older period apart: each is read by other rules."""

import re
from collections import Counter

from orchestration.providers.house.prose import Prose
from orchestration.providers.house.results import Register
from orchestration.providers.house.wordsets import word_set

_PERIOD_WORDS = word_set(
    "shall upon ought nor thou thee thy thine hath doth ye whilst whence thence hither thither hence "
    "scarcely thus exceedingly countenance methinks betwixt ere nay alas aught naught lest whom "
    "herein wherein therein thereof whereof amongst wherefore yonder trifling prodigious endeavour "
    "endeavoured felicity civility acquaintance manners sensible amiable agreeable vexed bestow "
    "bestowed tolerable inquire presently solicitude candour mortification"
)
_THIRD_PERSON = word_set("he she him her his hers himself herself")
_FIRST_PERSON = word_set("i me my mine myself")
_PAST = word_set("was were had did could would went came")
_PRESENT = word_set("is are has have do does can will")
_SAYING = word_set("said cried replied asked whispered answered thought looked turned felt")
_SEMICOLON = re.compile(r";")


def dialogue_share(prose: Prose) -> float:
    """The share of words that stand inside quotation marks."""
    return sum(word.quoted for word in prose.words) / max(len(prose.words), 1)


def tell(prose: Prose) -> Register:
    """Name the register; short texts count as plain unless they clearly are something else."""
    words = prose.words
    if not words:
        return "plain"
    per_thousand = 1000 / len(words)
    period = sum(word.lower in _PERIOD_WORDS for word in words) * per_thousand
    semicolons = len(_SEMICOLON.findall(prose.view)) * per_thousand
    if len(words) >= 80 and (period >= 9 or (period >= 4.5 and semicolons >= 7)):
        return "period"
    persons = sum(word.lower in _THIRD_PERSON for word in words) * per_thousand
    saying = sum(word.lower in _SAYING for word in words) * per_thousand
    if persons >= 45 or (persons >= 25 and saying >= 6) or (dialogue_share(prose) >= 0.2 and saying >= 6):
        return "narrative"
    if len(words) >= 300 and _is_remembered(prose) and dialogue_share(prose) >= 0.02:
        return "narrative"
    return "plain"


def _is_remembered(prose: Prose) -> bool:
    """Somebody tells what happened: many persons, and the past far more often than the present."""
    lowers = Counter(word.lower for word in prose.words)
    persons = sum(lowers[word] for word in _THIRD_PERSON | _FIRST_PERSON) * 1000 / len(prose.words)
    past, present = (sum(lowers[word] for word in tense) for tense in (_PAST, _PRESENT))
    return persons >= 45 and past >= 3 * max(present, 1)
