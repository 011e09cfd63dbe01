"""Scores in three tiers, clamped, for known criteria only."""

from decimal import Decimal

import pytest

from orchestration.workflow.criteria import Criterion
from orchestration.workflow.evaluation import read_evaluation
from orchestration.workflow.terms import Tier

CRITERIA = [Criterion("Clarity", Decimal(1)), Criterion("Tone and flow", Decimal(1))]


@pytest.mark.parametrize(
    ("text", "tier", "scores"),
    [
        ('<evaluation>{"scores":{"clarity":{"score":7}}}</evaluation>', "structured", {"Clarity": 7}),
        (
            '<evaluation>{"clarity":7,"tone_and_flow":"8/10"}',
            "structured",
            {"Clarity": 7, "Tone and flow": 8},
        ),
        ('<evaluation>{"scores":[{"name":"Clarity","score":6.5}]}', "structured", {"Clarity": 6.5}),
        ('<evaluation>{"scores":{"clarity":{"score":700}}}</evaluation>', "structured", {"Clarity": 10}),
        ('<evaluation>{"scores":{"clarity":{"score":-3}}}</evaluation>', "structured", {"Clarity": 0}),
        ('<evaluation>{"scores":{"wit":{"score":9}}}</evaluation>', "fallback", {}),
        ('<evaluation>{"scores":{"clarity":{"score":NaN}}}</evaluation>', "fallback", {}),
        ('<evaluation>{"scores":{"clarity":true}}</evaluation>', "fallback", {}),
        ("Clarity: 7/10, tone and flow — 8.5 out of 10.", "natural", {"Clarity": 7, "Tone and flow": 8.5}),
        ("**Clarity** is 9", "natural", {"Clarity": 9}),
        ("Clarity since 2024 is fine.", "fallback", {}),
        ("<evaluation>{broken</evaluation> Clarity: 3/10", "natural", {"Clarity": 3}),
        ("", "fallback", {}),
    ],
)
def test_reads_as_far_as_it_can(text, tier, scores):
    evaluation = read_evaluation(text, CRITERIA)
    assert evaluation.tier == Tier(tier)
    assert {name: float(score.value) for name, score in evaluation.scores.items()} == scores
    assert (evaluation.mean is None) == (not scores)
