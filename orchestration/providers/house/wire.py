"""The answer format that all providers share, and its cutting into streamed pieces."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestration.providers.house import lenses
from orchestration.providers.house.results import Analysis
from orchestration.providers.house.scoring import ROLE_CRITERIA

_PIECE = re.compile(r"\s*\S+|\s+\Z")


def pieces(answer: str) -> Iterator[str]:
    """Cut an answer into words with the space before them; joined, they are the answer again."""
    return (found.group() for found in _PIECE.finditer(answer))


def tagged(tag: str, payload: Any) -> str:
    """A JSON payload between tags; no text inside it can look like a tag."""
    return f"<{tag}>{json.dumps(payload, ensure_ascii=False).replace('<', chr(92) + 'u003c')}</{tag}>"


def criteria_of(role: str, criteria: Sequence[str]) -> tuple[str, ...]:
    """The criteria a turn is scored by: its own, else those of its role, else every lens."""
    return tuple(criteria) or ROLE_CRITERIA.get(role, lenses.LENSES)


def evaluation(analysis: Analysis, criteria: Sequence[str]) -> str:
    """The tagged scores; a criterion that House does not know is scored by the lens closest to it."""
    return tagged("evaluation", {"scores": _scores(analysis, criteria)})


def _scores(analysis: Analysis, criteria: Sequence[str]) -> Mapping[str, Mapping[str, float | str]]:
    found: dict[str, Mapping[str, float | str]] = {}
    for criterion in criteria:
        name = criterion.strip().lower().replace("prioritization", "prioritisation")
        score = analysis.scores.get(name)
        if score is None:
            lens = lenses.closest(criterion) or "flow"
            score = analysis.scores[lens]
            found[criterion] = {"score": score.value, "reason": f"By {lens}: {score.reason}"}
        else:
            found[criterion] = {"score": score.value, "reason": score.reason}
    return found
