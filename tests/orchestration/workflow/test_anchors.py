"""Quotes are found where they stand, also when typed a little differently."""

import pytest

from orchestration.workflow.anchors import Anchor, Manuscript

TEXT = "He said “no — never” twice.\n\nIn order to *know*, in order  to see… He wrote it down."


@pytest.mark.parametrize(
    ("quote", "occurrence", "anchor"),
    [
        ("He", 1, Anchor(0, 2, 1, exact=True)),
        ("He", 2, Anchor(67, 69, 2, exact=True)),
        ("He", 9, Anchor(67, 69, 2, exact=True)),
        ('"no - never"', 1, Anchor(9, 19, 1, exact=False)),
        ("in order to", 2, Anchor(49, 61, 2, exact=False)),
        ("In order to know", 1, Anchor(29, 46, 1, exact=False)),
        ("HE WROTE IT", 1, Anchor(67, 78, 1, exact=False)),
        ("not there", 1, None),
        ("", 1, None),
        ("-", 1, None),
    ],
)
def test_find(quote, occurrence, anchor):
    found = Manuscript(TEXT).find(quote, occurrence)
    assert found == anchor


def test_count_ignores_small_differences():
    assert Manuscript(TEXT).count("in order to") == 2
    assert Manuscript(TEXT).count("") == 0
