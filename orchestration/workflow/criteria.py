"""Weighted criteria: which they are by role, what makes them valid, what they average to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict

from orchestration.workflow.terms import Role

MOST = 8
LONGEST_NAME = 40


class CriterionDict(TypedDict):
    """How a criterion is stored."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that a role scores from 0 to 10, and how much it counts."""

    name: str
    weight: Decimal

    def as_dict(self) -> CriterionDict:
        """Return the stored form."""
        return {"name": self.name, "weight": float(self.weight)}


DEFAULTS: Mapping[str, tuple[str, ...]] = {
    Role.WRITER: ("Clarity", "Engagement", "Completeness"),
    Role.CONTENT_EXPERT: ("Accuracy", "Depth"),
    Role.STYLE_EDITOR: ("Tone", "Flow"),
    Role.EDITOR: ("Quality",),
    Role.SYNTHESIZER: ("Coherence", "Prioritisation"),
}


def defaults_for(role: str) -> list[CriterionDict]:
    """Return the criteria of `role`, equally weighted."""
    return [{"name": name, "weight": 1.0} for name in DEFAULTS[role]]


def validated(raw: Any) -> list[Criterion]:
    """Return `raw` as criteria; raise ValueError that says what is wrong with it."""
    if not isinstance(raw, list) or not raw:
        raise ValueError("Give at least one criterion.")
    if len(raw) > MOST:
        raise ValueError(f"At most {MOST} criteria.")
    criteria = [_criterion(item) for item in raw]
    if len({criterion.name.casefold() for criterion in criteria}) != len(criteria):
        raise ValueError("Each criterion needs its own name.")
    return criteria


def _criterion(item: Any) -> Criterion:
    if not isinstance(item, Mapping) or set(item) - {"name", "weight"}:
        raise ValueError("A criterion has a name and a weight, nothing else.")
    name = item.get("name")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
        raise ValueError(f"A criterion's name has 1 to {LONGEST_NAME} characters.")
    raw_weight = item.get("weight", 1)
    try:
        weight = Decimal(str(raw_weight))
    except InvalidOperation as error:
        raise ValueError(f"The weight of {name.strip()} is not a number.") from error
    if not weight.is_finite() or not 0 < weight <= 10:
        raise ValueError(f"The weight of {name.strip()} must be above 0 and at most 10.")
    return Criterion(name=" ".join(name.split()), weight=weight)


def weighted_mean(scores: Mapping[str, Decimal], criteria: Sequence[Criterion]) -> Decimal | None:
    """Return the mean of `scores` by the criteria's weights, to two decimals; None when none is scored."""
    scored = [(scores[c.name], c.weight) for c in criteria if c.name in scores]
    if not scored:
        return None
    total = sum((weight for _, weight in scored), Decimal(0))
    mean = sum((score * weight for score, weight in scored), Decimal(0)) / total
    return mean.quantize(Decimal("0.01"))
