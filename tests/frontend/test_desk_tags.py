"""The filters of the design system."""

from decimal import Decimal

import pytest
from django import forms
from django.test import RequestFactory

from config.templatetags.desk import control, dollars, num, same_site


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (999, "999"),
        (1642, "1\u202f642"),
        (-1642, "\u22121\u202f642"),
        (1234567, "1\u202f234\u202f567"),
        (Decimal("1000.5"), "1\u202f000.5"),
        ("x", "x"),
        (None, ""),
        (True, "True"),
    ],
)
def test_num_groups_thousands(value: object, written: str) -> None:
    assert num(value) == written


@pytest.mark.parametrize(
    ("cents", "written"),
    [(0, "$0"), (2900, "$29"), (2950, "$29.50"), (19900, "$199"), (120000, "$1\u202f200")],
)
def test_dollars_are_whole_where_they_are(cents: int, written: str) -> None:
    assert dollars(cents) == written


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://testserver/projects/", "http://testserver/projects/"),
        ("http://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        (None, "/"),
        ("/studio/", "/studio/"),
    ],
)
def test_same_site_keeps_only_our_own_pages(url: str | None, kept: str) -> None:
    assert same_site(url, RequestFactory().get("/")) == kept


class Sample(forms.Form):
    """Fields of several widgets."""

    title = forms.CharField(widget=forms.TextInput(attrs={"class": "input--mono"}))
    text = forms.CharField(widget=forms.Textarea)
    sure = forms.BooleanField()


def test_control_adds_our_class_to_the_widgets_own() -> None:
    assert 'class="input input--mono"' in control(Sample()["title"])


def test_control_lets_text_areas_grow() -> None:
    assert "data-autosize" in control(Sample()["text"])


def test_control_leaves_checkboxes_alone() -> None:
    assert "class" not in control(Sample()["sure"])
