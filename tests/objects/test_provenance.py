"""Who wrote which words: traced through versions, cut into passages, drawn into the page."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from objects.painting import paint
from objects.provenance import UNKNOWN, Text, passages, trace, weigh
from objects.rendering import to_html

LONG = "It was a paragraph that had enough words to be known again elsewhere."


def chain_of(*bodies, first=None):
    """A chain of versions 1, 2, 3 … each made from the one before."""
    return [
        Text(number, number - 1 if number > 1 else first, body) for number, body in enumerate(bodies, start=1)
    ]


def told(*bodies, who=lambda version: version, first=None):
    """The passages of the last text, as (words, version)."""
    traced = trace(chain_of(*bodies, first=first))
    return [(bodies[-1][p.start : p.end], p.who) for p in passages(bodies[-1], traced.runs, who)]


def test_the_first_version_wrote_all_of_it():
    assert told("One two.\n\nThree.") == [("One two.", 1), ("Three.", 1)]


def test_words_go_to_who_brought_them():
    assert told("The old keeper read.", "The old keeper read the whole sea.") == [
        ("The old keeper read", 1),
        ("the whole sea.", 2),
    ]
    assert told("One.", "One.\n\nTwo.", "Zero.\n\nOne.\n\nTwo.") == [("Zero.", 3), ("One.", 1), ("Two.", 2)]


def test_what_stays_the_same_keeps_its_origin_through_many_versions():
    assert told("Alpha beta.", "Alpha beta.", "Alpha beta.") == [("Alpha beta.", 1)]


def test_what_goes_and_comes_again_is_the_later_ones():
    assert told("Alpha beta gamma.", "Alpha.", "Alpha beta gamma.")[-1][1] == 3


def test_a_paragraph_that_moved_keeps_its_origin():
    assert told(f"{LONG}\n\nTwo.", f"Two.\n\nNew.\n\n{LONG}")[-1] == (LONG, 1)


def test_a_paragraph_that_was_doubled_keeps_it_once():
    written = trace(chain_of(f"{LONG}\n\nTwo.", f"Two.\n\n{LONG}\n\n{LONG}")).written
    assert weigh(LONG) <= written[2] < 2 * weigh(LONG)


def test_what_is_older_than_all_that_is_kept_is_nobodys():
    assert told("Alpha.", "Alpha. Beta gamma.", first=7) == [("Alpha.", UNKNOWN), ("Beta gamma.", 2)]


def test_one_authors_versions_are_one_passage():
    names = {1: "ann", 2: "ann", 3: "bob"}
    bodies = ("One two", "One two three four", "One two three four five six")
    assert told(*bodies, who=names.get) == [("One two three four", "ann"), ("five six", "bob")]


def test_a_mark_of_punctuation_goes_with_its_words_and_not_its_weight():
    bodies = ("He went home.", "He went home!")
    traced = trace(chain_of(*bodies))
    (only,) = passages(bodies[-1], traced.runs, lambda version: version)
    assert (bodies[-1][only.start : only.end], only.who, only.weight) == ("He went home!", 1, 10)
    assert traced.written == {1: 11, 2: 1}


@pytest.mark.parametrize("body", ["", " \n\n ", "\n"])
def test_a_text_without_words_has_no_passage(body):
    assert told("Something.", body) == []
    assert told(body) == []


WORDS = st.lists(
    st.sampled_from(["sea", "lamp", "of", "the", "keeper", "boy.", "\n\n", "“Ay,”"]), max_size=30
)
TEXTS = st.lists(WORDS.map(" ".join), min_size=1, max_size=6)


@given(bodies=TEXTS)
@settings(max_examples=300, deadline=None)
def test_every_character_has_one_origin_and_nobody_has_more_than_was_written(bodies):
    traced = trace(chain_of(*bodies))
    assert sum(length for length, _ in traced.runs) == len(bodies[-1])
    found = passages(bodies[-1], traced.runs, lambda version: version)
    assert [p.number for p in found] == list(range(1, len(found) + 1))
    ends = [0, *(p.end for p in found)]
    assert all(end <= p.start < p.end for end, p in zip(ends, found, strict=False))
    kept = "".join(bodies[-1][p.start : p.end] for p in found)
    assert "".join(kept.split()) == "".join(bodies[-1].split()), "nothing but white space is left out"
    for version, written in traced.written.items():
        assert sum(p.weight for p in found if p.who == version) <= written


def link(passage):
    return f'<a data-passage="{passage.number}">'


def painted(*bodies):
    traced = trace(chain_of(*bodies))
    found = passages(bodies[-1], traced.runs, lambda version: version)
    return paint(str(to_html(bodies[-1])), bodies[-1], found, link)


def test_passages_are_drawn_around_their_words():
    assert painted("The old keeper read.", "The old keeper read *the whole sea*.") == (
        '<p><a data-passage="1">The old keeper read</a> <em><a data-passage="2">the whole sea</a></em>.</p>\n'
    )


def test_links_of_the_text_are_left_alone():
    drawn = painted("See [the sea](https://example.com/sea 'a>b') now.")
    assert drawn.count("<a ") == 3
    assert ">the sea</a>" in drawn
    assert "data-passage" not in re.search(r"<a href.*?</a>", drawn)[0]


@pytest.mark.parametrize(
    "body",
    [
        "# Head\n\n- one\n- two\n\n> said & done <b>x</b>\n\n`code` and **bold *both***",
        "| a | b |\n|---|---|\n| 1 < 2 | \"q\" |",
        "![a picture](x.png) &amp; &lt;script&gt; \\*stars\\*",
        "1. First\n2. Second ~~gone~~\n\n```\nfenced <code>\n```",
    ],
)  # fmt: skip
def test_drawing_changes_neither_words_nor_structure(body):
    plain = str(to_html(body))
    drawn = painted("Head one said code first picture", body)
    assert re.sub(r'<a data-passage="\d+">|</a>', "", drawn).replace("&quot;", '"') == plain.replace(
        "&quot;", '"'
    )
    assert drawn.count('<a data-passage="') == drawn.count("</a>") > 0


@given(bodies=TEXTS)
@settings(max_examples=100, deadline=None)
def test_every_drawing_leaves_the_page_as_it_was(bodies):
    plain = str(to_html(bodies[-1]))
    assert re.sub(r'<a data-passage="\d+">|</a>', "", painted(*bodies)) == plain
