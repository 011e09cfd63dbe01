"""Criteria, endings, transitions, tokens."""

from dataclasses import replace
from decimal import Decimal

import pytest

from orchestration.workflow.criteria import Criterion, defaults_for, validated, weighted_mean
from orchestration.workflow.endings import Reason, Round, after_round, round_score
from orchestration.workflow.outcomes import REASONS, Outcome, is_charged
from orchestration.workflow.terms import Role, Status
from orchestration.workflow.tokens import estimate, upper_bound
from orchestration.workflow.transitions import NEXT, may_become, next_phase

ROUND = Round(number=1, max_rounds=3, threshold=None, score=Decimal(5), editors=2, findings=4)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"number": 3}, Reason.MAX_ROUNDS),
        ({"number": 4}, Reason.MAX_ROUNDS),
        ({"threshold": Decimal("5.00")}, Reason.SCORE_THRESHOLD),
        ({"threshold": Decimal("5.01")}, None),
        ({"threshold": Decimal(1), "score": None}, None),
        ({"threshold": Decimal(1), "score": None, "number": 3}, Reason.MAX_ROUNDS),
        ({"findings": 0}, Reason.NO_CHANGES),
        ({"findings": 0, "editors_readable": False}, None),
        ({"findings": 0, "editors": 0}, None),
        ({"threshold": Decimal(1), "findings": 0, "rejected": True}, None),
        ({"number": 3, "rejected": True}, Reason.MAX_ROUNDS),
    ],
)
def test_after_round(changes, code):
    ending = after_round(replace(ROUND, **changes))
    assert (ending and ending.code) == code


def test_round_score_leaves_out_what_could_not_be_read():
    assert round_score([Decimal(8), None, Decimal(5)]) == Decimal("6.50")
    assert round_score([None]) is None


@pytest.mark.parametrize(
    ("phase", "roles", "following"),
    [
        (1, ["writer", "style_editor", "synthesizer"], 2),
        (2, ["writer", "style_editor", "synthesizer"], 3),
        (2, ["writer", "style_editor"], None),
        (1, ["writer"], None),
        (3, ["writer", "editor", "synthesizer"], None),
    ],
)
def test_next_phase(phase, roles, following):
    assert next_phase(phase, roles) == following


def test_every_status_says_what_may_follow():
    assert set(NEXT) == set(Status.values)
    assert not may_become(Status.STOPPED, Status.PAUSED)
    assert may_become(Status.PAUSED, Status.RUNNING)


def test_every_outcome_has_its_reason():
    assert set(REASONS) == set(Outcome)
    assert [o for o in Outcome if not is_charged(o)] == [Outcome.FAILED_BEFORE_OUTPUT, Outcome.MALFORMED]


@pytest.mark.parametrize(
    "raw",
    [
        [], "x", [{}], [{"name": ""}], [{"name": "A", "weight": 0}], [{"name": "A", "weight": "nan"}],
        [{"name": "A", "weight": True, "x": 1}], [{"name": "A"}, {"name": "a"}], [{"name": "A", "weight": 11}],
        [{"name": f"n{i}"} for i in range(9)], [{"name": "x" * 41}], [{"name": "A", "weight": "∞"}],
    ],
)  # fmt: skip
def test_invalid_criteria_are_refused(raw):
    with pytest.raises(ValueError, match=r"[.]$"):
        validated(raw)


def test_criteria_of_every_role_are_valid():
    for role in Role.values:
        assert validated(defaults_for(role))


def test_weighted_mean():
    criteria = [Criterion("A", Decimal(3)), Criterion("B", Decimal(1))]
    assert weighted_mean({"A": Decimal(8), "B": Decimal(4)}, criteria) == Decimal("7.00")
    assert weighted_mean({"A": Decimal(8)}, criteria) == Decimal("8.00")
    assert weighted_mean({}, criteria) is None


@pytest.mark.parametrize("text", ["", "word " * 50, "é" * 33, "漢字" * 20, "QUJD" * 25])
def test_upper_bound_is_above_the_estimate(text):
    assert estimate(text) <= upper_bound(text)
