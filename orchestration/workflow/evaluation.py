"""Reads an agent's scores in three tiers: JSON, then prose, then a marked fallback."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from orchestration.workflow.criteria import Criterion, weighted_mean
from orchestration.workflow.terms import Tier

LOWEST, HIGHEST = Decimal(0), Decimal(10)
_LONGEST_REASON = 500
_LONGEST_PROSE = 20_000


@dataclass(frozen=True, slots=True)
class Score:
    """A score from 0 to 10, with the agent's reason."""

    value: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores of a turn by criterion name, and how they were read.

    `mean` is None where nothing could be read: such an evaluation takes no part in a round's score.
    """

    tier: Tier
    scores: Mapping[str, Score] = field(default_factory=dict)
    mean: Decimal | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            "scores": {
                name: {"score": float(score.value), "reason": score.reason}
                for name, score in self.scores.items()
            },
            "mean": None if self.mean is None else float(self.mean),
        }


def read_evaluation(text: str, criteria: Sequence[Criterion]) -> Evaluation:
    """Return the evaluation in `text`; scores are clamped to 0–10 and only known criteria are read."""
    for tier, read in ((Tier.STRUCTURED, _structured), (Tier.NATURAL, _natural)):
        scores = read(text, criteria)
        if scores:
            values = {name: score.value for name, score in scores.items()}
            return Evaluation(tier, scores, weighted_mean(values, criteria))
    return Evaluation(Tier.FALLBACK)


def _structured(text: str, criteria: Sequence[Criterion]) -> dict[str, Score]:
    opening = re.search(r"<evaluation>", text, re.IGNORECASE)
    place = text.find("{", opening.end()) if opening else -1
    if place < 0:
        return {}
    try:
        data, _ = json.JSONDecoder().raw_decode(text, place)
    except (ValueError, RecursionError):
        return {}
    given = data.get("scores", data)
    if isinstance(given, list):
        given = {
            str(item.get("name") or item.get("criterion")): item for item in given if isinstance(item, dict)
        }
    if not isinstance(given, dict):
        return {}
    by_name = {_folded(str(name)): value for name, value in given.items()}
    scores = {c.name: _score(by_name.get(_folded(c.name))) for c in criteria}
    return {name: score for name, score in scores.items() if score is not None}


def _natural(text: str, criteria: Sequence[Criterion]) -> dict[str, Score]:
    scores: dict[str, Score] = {}
    prose = text[-_LONGEST_PROSE:]
    for criterion in criteria:
        name = re.escape(criterion.name)
        match = re.search(
            rf"\b{name}\b\W{{0,6}}(?:score|rating|is|at|gets|of)?\W{{0,6}}(\d{{1,3}}(?:[.,]\d{{1,3}})?)(?!\d)"
            r"(?:\s?(?:/|out of)\s?10\b)?",
            prose,
            re.IGNORECASE,
        )
        if match:
            value = _clamped(match.group(1).replace(",", "."))
            if value is not None:
                scores[criterion.name] = Score(value)
    return scores


def _score(given: Any) -> Score | None:
    reason = ""
    if isinstance(given, dict):
        raw_reason = given.get("reason", "")
        reason = raw_reason.strip()[:_LONGEST_REASON] if isinstance(raw_reason, str) else ""
        given = given.get("score", given.get("value"))
    value = _clamped(given)
    return None if value is None else Score(value, reason.replace("\x00", ""))


def _clamped(given: Any) -> Decimal | None:
    if isinstance(given, str):
        match = re.match(r"\s*(-?\d{1,3}(?:\.\d{1,3})?)\s*(?:/\s*10)?\s*$", given)
        given = float(match.group(1)) if match else None
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    if isinstance(given, float) and not math.isfinite(given):
        return None
    value = Decimal(str(round(given, 2))) if isinstance(given, float) else Decimal(given)
    return min(HIGHEST, max(LOWEST, value))


def _folded(name: str) -> str:
    folded = re.sub(r"[\W_]+", "", name).casefold()
    return folded.replace("prioritization", "prioritisation")
