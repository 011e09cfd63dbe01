"""The typed limits."""

from dataclasses import fields

import pytest

from billing.limits import FEATURES, LIMITS, Limits


def test_every_limit_and_feature_is_a_field_and_the_other_way_round():
    assert {field.name for field in fields(Limits)} == {*LIMITS, *FEATURES, "models", "moderation"}


def test_stored_form_reads_back_equal():
    limits = Limits(projects=2, export=False, models=("house",), moderation="relaxed")
    assert Limits.from_json(limits.as_json()) == limits


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("projects", -1),
        ("projects", True),
        ("projects", 2.0),
        ("projects", "2"),
        ("projects", 10**16),
        ("export", 1),
        ("export", None),
        ("models", "house"),
        ("models", [1]),
        ("moderation", "lax"),
        ("moderation", None),
    ],
)
def test_wrong_value_is_refused_by_name(key, value):
    with pytest.raises(ValueError, match=rf"^{key}: .* is not allowed here$"):
        Limits.from_json({**Limits().as_json(), key: value})


def test_unknown_and_missing_keys_are_refused_by_name():
    with pytest.raises(ValueError, match=r"^teleport: unknown$"):
        Limits.from_json({**Limits().as_json(), "teleport": True})
    stored = Limits().as_json()
    del stored["projects"]
    with pytest.raises(ValueError, match=r"^projects: missing$"):
        Limits.from_json(stored)
    with pytest.raises(ValueError, match=r"^limits: not a table$"):
        Limits.from_json([])


def test_asking_for_what_there_is_not_is_an_error_of_the_caller():
    with pytest.raises(KeyError):
        Limits().of("export")
    with pytest.raises(KeyError):
        Limits().has("projects")
