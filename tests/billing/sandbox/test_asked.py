"""Parameters of requests: read as they are sent, refused where they say nothing."""

from typing import Any

import pytest

from billing.sandbox import asked
from billing.sandbox.engine.records import difference
from billing.sandbox.errors import InvalidError


@pytest.mark.parametrize(("value", "read"), [("5", 5), (5, 5), ("", None), (None, None), ("-1", -1)])
def test_integer(value: object, read: int | None) -> None:
    assert asked.integer({"a": value}, "a") == read


@pytest.mark.parametrize(("value", "read"), [("true", True), ("false", False), (True, True), (None, None)])
def test_boolean(value: object, read: bool | None) -> None:
    assert asked.boolean({"a": value}, "a") is read


@pytest.mark.parametrize(("value", "read"), [("now", 77), ("5", 5), ("", None)])
def test_moment(value: object, read: int | None) -> None:
    assert asked.moment({"a": value}, "a", now=77) == read


@pytest.mark.parametrize("value", [[{"b": 1}], {"0": {"b": 1}}, {0: {"b": 1}}])
def test_entries(value: object) -> None:
    assert asked.entries({"a": value}, "a") == [{"b": 1}]


@pytest.mark.parametrize(
    ("read", "params"),
    [
        (asked.integer, {"a": "x"}),
        (asked.boolean, {"a": "maybe"}),
        (asked.mapping, {"a": "x"}),
        (asked.entries, {"a": "x"}),
        (asked.entries, {"a": ["x"]}),
        (asked.required, {"a": ""}),
    ],
)
def test_wrong_values_are_refused_by_name(read: Any, params: dict[str, object]) -> None:
    with pytest.raises(InvalidError) as caught:
        read(params, "a")

    assert caught.value.param == "a"


def test_choice() -> None:
    assert asked.choice({}, "a", "x", "y") == "x"
    assert asked.choice({"a": "y"}, "a", "x", "y") == "y"
    with pytest.raises(InvalidError, match="must be one of x, y"):
        asked.choice({"a": "z"}, "a", "x", "y")


def test_metadata() -> None:
    before = {"a": "1", "b": "2"}

    assert asked.metadata({"metadata": {"b": "", "c": 3}}, before) == {"a": "1", "c": "3"}
    assert asked.metadata({"metadata": ""}, before) == {}
    assert asked.metadata({}, before) == before


def test_unknown_parameters_are_refused() -> None:
    asked.only({"a": 1, "expand": ["b"]}, "a")
    with pytest.raises(InvalidError) as caught:
        asked.only({"b": 1}, "a")
    assert (caught.value.code, caught.value.param) == ("parameter_unknown", "b")


@pytest.mark.parametrize(
    ("before", "after", "previous"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1}, {"a": 2}, {"a": 1}),
        ({}, {"a": 2}, {"a": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 2}}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": 1}}),
        ({"a": [1, 2]}, {"a": [1, 3]}, {"a": [1, 2]}),
        ({"a": None}, {"a": {"b": 1}}, {"a": None}),
    ],
)
def test_previous_attributes(before: Any, after: Any, previous: Any) -> None:
    assert difference(before, after) == previous
