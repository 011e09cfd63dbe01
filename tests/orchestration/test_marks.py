"""Findings drawn into a rendered manuscript."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from orchestration.marks import Passage, mark_passages

_markdown = MarkdownIt("commonmark", {"html": False})


def render(text: str) -> str:
    return _markdown.render(text)


def passage(text: str, quote: str, number: int = 1, state: str = "open") -> Passage:
    start = text.index(quote)
    return Passage(number=number, start=start, end=start + len(quote), state=state)


def unmarked(html: str) -> str:
    html = re.sub(r'<a class="finding__no"[^>]*>\d+</a>', "", html)
    return re.sub(r"</?mark[^>]*>", "", html)


def test_marks_passage_in_paragraph() -> None:
    text = "He read the sea in order to know the wind."
    assert mark_passages(text, [passage(text, "in order to know", 3)], render) == (
        '<p>He read the sea <mark class="finding" data-finding="3" data-state="open">in order to know'
        '<a class="finding__no" href="#finding-3" aria-label="Finding 3">3</a></mark> the wind.</p>\n'
    )


def test_marks_passage_across_emphasis_piece_by_piece() -> None:
    text = "The *old* keeper."
    html = mark_passages(text, [passage(text, "The *old* keeper")], render)
    assert html.count("<mark") == 3
    assert "<em><mark" in html
    assert unmarked(html) == render(text)


def test_marks_inner_passage_of_two_nested_ones() -> None:
    text = "one two three four"
    html = mark_passages(
        text, [passage(text, "one two three", 1), passage(text, "two", 2, "accepted")], render
    )
    assert '<mark class="finding" data-finding="2" data-state="accepted">two' in html
    assert unmarked(html) == render(text)


def test_leaves_passage_inside_syntax_unmarked_and_marks_the_others() -> None:
    text = "See [the book](https://example.org/a) and and go."
    inside = Passage(number=1, start=text.index("example"), end=text.index("example") + 7, state="open")
    html = mark_passages(text, [inside, passage(text, "and and", 2)], render)
    assert 'data-finding="2"' in html
    assert unmarked(html) == render(text)


def test_ignores_passage_out_of_range() -> None:
    assert mark_passages("abc", [Passage(number=1, start=2, end=9, state="open")], render) == render("abc")


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet="ab *_`#>-[]()!\n.é“", max_size=80),
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=5),
)
def test_marking_never_changes_the_words(text: str, spans: list[tuple[int, int]]) -> None:
    passages = [
        Passage(number=i, start=min(a, b), end=max(a, b), state="open") for i, (a, b) in enumerate(spans)
    ]
    assert unmarked(mark_passages(text, passages, render)) == render(text)
