"""Parts of a whole."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from credits.causes import Cause
from credits.shares import OTHER, shares

_PARTS = st.dictionaries(st.sampled_from("abcdefghijk"), st.integers(0, 500), max_size=11)


def counted(**parts):
    return Counter({Cause(label, ""): credits for label, credits in parts.items()})


def test_what_is_not_told_apart_is_the_last_share():
    found = shares(counted(a=1, b=5), total=10)
    assert [(share.label, share.credits, share.percent) for share in found] == [
        ("b", 5, 50),
        ("a", 1, 10),
        (OTHER, 4, 40),
    ]


def test_a_small_share_is_not_called_nothing():
    found = shares(counted(a=999, b=1), total=1000)
    assert [share.percent_in_words for share in found] == ["100 %", "under 1 %"]


def test_one_more_document_is_one():
    assert shares(counted(a=3, b=2), total=5, most=1)[1].label == "1 more document"


@given(parts=_PARTS, rest=st.integers(0, 50), most=st.one_of(st.none(), st.integers(1, 12)))
def test_shares_add_up(parts, rest, most):
    total = sum(parts.values()) + rest
    if total:
        found = shares(counted(**parts), total=total, most=most)
        assert sum(share.credits for share in found) == total
        assert all(share.credits > 0 for share in found)
