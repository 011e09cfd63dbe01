"""Stripe's form encoding, read by name and type."""

from urllib.parse import parse_qsl

import pytest

from billing.sandbox.errors import InvalidError
from billing.sandbox.parameters import Params, parse


def params(text: str) -> Params:
    return Params(parse(parse_qsl(text, keep_blank_values=True)))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("items[0][price]=p&items[0][quantity]=2", {"items": [{"price": "p", "quantity": "2"}]}),
        ("items[1]=b&items[0]=a", {"items": ["a", "b"]}),
        ("expand[]=a&expand[]=b", {"expand": ["a", "b"]}),
        ("metadata[k]=v&metadata[l]=", {"metadata": {"k": "v", "l": ""}}),
        ("created[gte]=5", {"created": {"gte": "5"}}),
        ("a=", {"a": ""}),
    ],
)
def test_parse_nests(text: str, values: dict[str, object]) -> None:
    assert parse(parse_qsl(text, keep_blank_values=True)) == values


def test_parse_one_name_in_two_ways_is_refused() -> None:
    with pytest.raises(InvalidError, match="twice"):
        parse([("a", "1"), ("a[b]", "2")])


def test_readers_return_typed_values() -> None:
    read = params("n=5&t=x&b=true&e=&f=2.5&l[]=a")

    assert read.integer("n") == 5
    assert read.text("t") == "x"
    assert read.boolean("b") is True
    assert (read.text("e"), read.given("e")) == (None, True)
    assert (read.text("none"), read.given("none")) == (None, False)
    assert read.number("f") == 2.5
    assert read.texts("l") == ["a"]


@pytest.mark.parametrize(
    ("text", "reader", "name", "code"),
    [
        ("n=x", "integer", "n", "parameter_invalid_integer"),
        ("b=yes", "boolean", "b", None),
        ("f=x", "number", "f", None),
        ("l=a", "texts", "l", None),
        ("c=a", "child", "c", None),
        ("c[]=a", "children", "c", None),
        ("t[a]=1", "text", "t", None),
        ("x=1", "required", "t", "parameter_missing"),
    ],
)
def test_reader_of_another_type_is_refused_with_its_name(
    text: str, reader: str, name: str, code: str | None
) -> None:
    with pytest.raises(InvalidError) as caught:
        getattr(params(text), reader)(name)

    assert (caught.value.param, caught.value.code) == (name, code)


def test_bounds_and_choices_are_kept() -> None:
    with pytest.raises(InvalidError, match="between 1 and 100"):
        params("limit=101").integer("limit", least=1, most=100)
    with pytest.raises(InvalidError, match="one of a, b"):
        params("c=d").choice("c", ("a", "b"))


def test_metadata_is_merged_and_unset() -> None:
    old = {"a": "1", "b": "2"}

    assert params("metadata[a]=&metadata[c]=3").metadata(old) == {"b": "2", "c": "3"}
    assert params("metadata=").metadata(old) == {}
    assert params("").metadata(old) == old


def test_what_nobody_asked_for_is_refused_at_any_depth() -> None:
    read = params("a=1&outer[known]=1&outer[strange]=2")
    read.text("a")
    read.child("outer").text("known")

    with pytest.raises(InvalidError) as caught:
        read.refuse_unknown()

    assert (caught.value.code, caught.value.param) == ("parameter_unknown", "outer[strange]")
