"""Differences that can be taken or left change by change."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from objects.diff_layout import fold, rows
from objects.diffing import Same, compare

WORDS = st.sampled_from(
    ["the", "sea", "a", "keeper", "wrote", "Café", ",", ".", "\n", "\n\n", " ", "  ", "\t", "漢"]
)
TEXTS = st.lists(WORDS, max_size=60).map(" ".join)


@given(old=TEXTS, new=TEXTS, chooser=st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_applying_all_gives_the_new_text_and_none_the_old(old: str, new: str, chooser: random.Random) -> None:
    diff = compare(old, new)
    assert diff.apply_all() == new
    assert diff.apply(()) == old
    ids = [change.id for change in diff.changes]
    assert len(set(ids)) == len(ids)
    assert all(old[change.at : change.at + len(change.old)] == change.old for change in diff.changes)
    some = {name for name in ids if chooser.random() < 0.5}
    assert compare(old, diff.apply(some)).apply_all() == diff.apply(some)


@given(old=st.text(max_size=200), new=st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_survives_the_comparison(old: str, new: str) -> None:
    diff = compare(old, new)
    assert (diff.apply(()), diff.apply_all()) == (old, new)


@given(old=TEXTS, new=TEXTS)
@settings(max_examples=200, deadline=None)
def test_rows_show_every_filled_line_of_both_sides(old: str, new: str) -> None:
    laid_out = rows(compare(old, new))
    left = ["".join(segment.text for segment in row.old) for row in laid_out if row.old]
    right = ["".join(segment.text for segment in row.new) for row in laid_out if row.new]
    assert left == [line for line in old.split("\n") if line]
    assert right == [line for line in new.split("\n") if line]


def test_changes_are_words_not_letters() -> None:
    diff = compare("He read the sea in order to know.", "He read the sea to know.")
    assert [(change.old, change.new) for change in diff.changes] == [("in order ", "")]
    assert (diff.words_removed, diff.words_added) == (2, 0)


def test_neighbouring_words_are_one_change() -> None:
    diff = compare("The big dog sat.", "A small cat sat.")
    assert [(change.old, change.new) for change in diff.changes] == [("The big dog", "A small cat")]


def test_a_rewritten_paragraph_is_one_change_and_leaves_its_neighbours() -> None:
    old = "First stays.\n\nAll of this was old and dull in the end.\n\nLast stays."
    new = "First stays.\n\nNow new words sparkle, all bright.\n\nLast stays."
    assert len(compare(old, new).changes) == 1
    assert compare(old, new).pieces[0] == Same("First stays.\n\n")


def test_ids_name_the_same_change_again() -> None:
    first, again = compare("a b c", "a x c"), compare("a b c", "a x c")
    assert [change.id for change in first.changes] == [change.id for change in again.changes]


def test_unknown_ids_are_refused() -> None:
    with pytest.raises(KeyError, match="nothing"):
        compare("a", "b").apply({"nothing"})


def test_unchanged_stretches_fold_to_a_count() -> None:
    old = "\n\n".join(f"Paragraph {number}." for number in range(20))
    folded = fold(rows(compare(old, old.replace("Paragraph 10", "Chapter 10"))))
    assert [row.folded for row in folded] == [9, 0, 0, 0, 8]
    assert folded[2].changed


def test_a_paragraph_that_went_leaves_the_next_ones_side_by_side() -> None:
    laid_out = rows(compare("First.\n\nSecond goes.\n\nThird.", "First.\n\nThird."))
    texts = [["".join(part.text for part in side) for side in (row.old, row.new)] for row in laid_out]
    assert texts == [["First.", "First."], ["Second goes.", ""], ["Third.", "Third."]]


@pytest.mark.parametrize("share", [0.01, 0.3, 1.0])
def test_fifty_thousand_words_compare_in_seconds(share: float) -> None:
    chooser = random.Random(7)
    words = [chooser.choice(["sea", "keeper", "wrote", "wind", f"w{n}"]) for n in range(50_000)]
    old = "".join(word + ("\n\n" if n % 40 == 39 else " ") for n, word in enumerate(words))
    new = " ".join(word if chooser.random() > share else "changed" for word in old.split(" "))
    started = time.perf_counter()
    diff = compare(old, new)
    assert time.perf_counter() - started < 5
    assert diff.apply_all() == new


def test_repetitive_texts_do_not_take_forever() -> None:
    old, new = "a\n\n" * 30_000, "a b\n\n" * 20_000
    started = time.perf_counter()
    assert compare(old, new).apply_all() == new
    assert time.perf_counter() - started < 5
