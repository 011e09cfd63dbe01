"""Which lens sees which category of issue, and which lens is closest to a criterion of somebody's own."""

from collections.abc import Mapping

LENSES = ("accuracy", "depth", "tone", "flow")

_CATEGORIES: Mapping[str, frozenset[str]] = {
    "accuracy": frozenset({"contradiction", "date", "name", "number"}),
    "depth": frozenset({"vague", "gap", "reference"}),
    "tone": frozenset({"promotional language", "cliché", "filler", "intensifier", "tone"}),
}
_HINTS: Mapping[str, str] = {
    "accuracy": (
        "accura fact correct truth consisten continu number name date verif evidence source logic plausib"
    ),
    "depth": (
        "depth complete detail substan insight argument specific reference research coverage thorough nuance"
    ),
    "tone": (
        "tone voice style engag audience warmth formal humour humor emotion persua brand register character"
    ),
    "flow": (
        "flow clar rhythm gramm spell concis readab structure pace pacing length simpl cohe punctuation usage"
    ),
}


def of_category(category: str) -> str:
    """The lens through which a category is seen."""
    return next((lens for lens, categories in _CATEGORIES.items() if category in categories), "flow")


def closest(criterion: str) -> str | None:
    """The lens closest to a criterion, None when its name says nothing to House."""
    lowered = criterion.lower().strip()
    if lowered in LENSES:
        return lowered
    return next(
        (lens for lens, hints in _HINTS.items() if any(hint in lowered for hint in hints.split())), None
    )
