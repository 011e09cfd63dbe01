"""The plans side by side, in words."""

import pytest

from billing.comparison import PlanOnSale, compare, features_of, highlights, limit_figure, limit_in_words
from billing.limits import Limits


def _plan(limits, **fields):
    figures = {"price_usd_cents": 2_900, "year_usd_cents": 29_000, "credits": None, **fields}
    return PlanOnSale(code="x", name="X", tagline="", rank=0, limits=limits, **figures)


@pytest.mark.parametrize(
    ("limit", "allowed", "line", "figure"),
    [
        ("sessions_per_month", 5, "5 sessions a month", "5"),
        ("sessions_per_month", None, "Unlimited sessions a month", "unlimited"),
        ("projects", 1, "1 project", "1"),
        ("projects", None, "Unlimited projects", "unlimited"),
        ("words_per_document", 3_000, "3\u202f000 words in a document", "3\u202f000"),
        ("version_retention_days", 30, "Versions kept for 30 days", "30 days"),
        ("version_retention_days", None, "Versions kept for good", "for good"),
        ("storage_bytes", 2**30, "1 GB of storage", "1 GB"),
        ("storage_bytes", None, "Unlimited storage", "unlimited"),
        ("concurrent_jobs", 2, "2 jobs at once", "2"),
        ("ai_requests_per_hour", 10, "10 AI requests an hour", "10"),
    ],
)
def test_limit_in_words(limit, allowed, line, figure):
    assert (limit_in_words(limit, allowed), limit_figure(limit, allowed)) == (line, figure)


@pytest.mark.parametrize(
    ("month", "year", "free"),
    [
        (2_900, 29_000, 2),
        (2_900, 34_800, 0),
        (2_900, 30_000, 0),
        (2_900, 40_600, 0),
        (0, 0, 0),
        (None, None, 0),
    ],
)
def test_months_that_a_year_saves(month, year, free):
    assert _plan(Limits(), price_usd_cents=month, year_usd_cents=year).months_free == free


def test_only_what_some_plan_bounds_or_lacks_is_compared():
    small, large = _plan(Limits(projects=2, export=False)), _plan(Limits())
    groups = {group.title: group for group in compare([small, large], [])}
    assert set(groups) == {"On the desk", "Included"}
    (projects,) = groups["On the desk"].rows
    assert [(cell.text, cell.has) for cell in projects.cells] == [("2", True), ("unlimited", True)]
    (export,) = groups["Included"].rows
    assert [cell.has for cell in export.cells] == [False, True]
    assert compare([], []) == []


def test_highlights_leave_out_what_a_plan_has_none_of():
    none, some = _plan(Limits(voice_slots=0, projects=2)), _plan(Limits(voice_slots=3, projects=2))
    assert highlights(none, [none, some]) == ["2 projects"]
    assert highlights(some, [none, some]) == ["2 projects", "3 voice slots"]


def test_own_terms_may_lack_what_every_plan_on_sale_has():
    assert features_of(Limits(export=False), [_plan(Limits())]) == {"export": False}
