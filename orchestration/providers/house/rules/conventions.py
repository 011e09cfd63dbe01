"""British and American spelling: both are right, a mixture is not."""

from collections.abc import Iterator

from orchestration.providers.house.prose import Word
from orchestration.providers.house.reading import MODERN, Reading, Rule, listed, recase
from orchestration.providers.house.results import Issue
from orchestration.providers.house.wordsets import pairs, word_set

_PAIRS = dict(
    pairs(
        "colour:color favour:favor favourite:favorite honour:honor labour:labor neighbour:neighbor "
        "behaviour:behavior flavour:flavor harbour:harbor rumour:rumor humour:humor endeavour:endeavor "
        "centre:center theatre:theater metre:meter litre:liter fibre:fiber analyse:analyze "
        "catalogue:catalog dialogue:dialog defence:defense offence:offense licence:license "
        "cancelled:canceled travelled:traveled traveller:traveler modelling:modeling labelled:labeled "
        "jewellery:jewelry grey:gray tyre:tire programme:program aluminium:aluminum organise:organize "
        "realise:realize recognise:recognize optimise:optimize customise:customize summarise:summarize "
        "prioritise:prioritize finalise:finalize emphasise:emphasize apologise:apologize utilise:utilize "
        "specialise:specialize organisation:organization optimisation:optimization "
        "specialisation:specialization personalise:personalize digitise:digitize authorise:authorize "
        "standardise:standardize visualise:visualize minimise:minimize maximise:maximize "
        "initialise:initialize"
    )
)
# Words with a common second meaning or use, which prove nothing.
_NO_PROOF = word_set("catalog dialog license program meter meters tire tired tires programs licensed grey")


def _forms(british: str, american: str) -> Iterator[tuple[str, str]]:
    yield british, american
    yield british + "s", american + "s"
    if british.endswith("e") and american.endswith("e"):
        for ending in ("d", "r", "rs"):
            yield british + ending, american + ending
        yield british[:-1] + "ing", american[:-1] + "ing"
    elif british.endswith("our"):
        for ending in ("ed", "ing", "able"):
            yield british + ending, american + ending


_AMERICAN_OF = {b: a for pair in _PAIRS.items() for b, a in _forms(*pair)}
_BRITISH_OF = {american: british for british, american in _AMERICAN_OF.items()}


def check(reading: Reading) -> Iterator[Issue]:
    """Report the minority of a clear mixture, or one word spelt both ways."""
    british = [w for w in reading.prose.words if w.lower in _AMERICAN_OF and _counts(w)]
    american = [w for w in reading.prose.words if w.lower in _BRITISH_OF and _counts(w)]
    if not british or not american:
        return
    both = {w.lower for w in american} & {_AMERICAN_OF[w.lower] for w in british}
    few, many = (american, british) if len(american) <= len(british) else (british, american)
    if not both and (len(many) < 2 * len(few) or len(many) < 2):
        return
    other = _BRITISH_OF if few is american else _AMERICAN_OF
    odd = next((w for w in few if not both or w.lower in both or other[w.lower] in both), few[0])
    names = ("American", "British") if few is american else ("British", "American")
    message = (
        f"“{odd.text}” is {names[0]}; elsewhere the text spells the {names[1]} way "
        f"({listed(w.text for w in many)}). "
        "Either is right, not both."
    )
    fixed = recase(odd.text, other[odd.lower])
    yield reading.issue(odd.start, odd.end, "consistency", "minor", message, suggestion=fixed)


def _counts(word: Word) -> bool:
    return not word.quoted and word.lower not in _NO_PROOF and not word.text[0].isupper()


RULES = (Rule(check, MODERN),)
