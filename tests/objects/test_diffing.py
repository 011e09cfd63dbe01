"""Differences that can be taken or left change by change."""

import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from objects import diffing
from objects.diff_layout import fold, inline_rows, rows
from objects.diffing import Change, Same, choose, compare

WORDS = st.sampled_from(
    ["the", "sea", "a", "keeper", "wrote", "Café", ",", ".", "\n", "\n\n", " ", "  ", "\t", "漢"]
)
TEXTS = st.lists(WORDS, max_size=60).map(" ".join)


@given(old=TEXTS, new=TEXTS, chooser=st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_applying_all_gives_the_new_text_and_none_the_old(old: str, new: str, chooser: random.Random) -> None:
    diff = compare(old, new)
    numbers = [change.number for change in diff.changes]
    assert numbers == list(range(1, len(numbers) + 1))
    assert choose(old, new, numbers) == new
    assert choose(old, new, ()) == old
    assert all(old[change.at : change.at + len(change.old)] == change.old for change in diff.changes)
    some = {number for number in numbers if chooser.random() < 0.5}
    chosen = choose(old, new, some)
    others = compare(old, chosen)
    assert others.apply([change.number for change in others.changes]) == chosen
    assert len(chosen) == len(old) + sum(len(c.new) - len(c.old) for c in diff.changes if c.number in some)


@given(old=st.text(max_size=200), new=st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_survives_the_comparison(old: str, new: str) -> None:
    every = range(1, len(compare(old, new).changes) + 1)
    assert (choose(old, new, ()), choose(old, new, every)) == (old, new)


@given(old=TEXTS, new=TEXTS)
@settings(max_examples=200, deadline=None)
def test_rows_show_every_filled_line_of_both_sides(old: str, new: str) -> None:
    laid_out = rows(compare(old, new))
    left = ["".join(segment.text for segment in row.old) for row in laid_out]
    right = ["".join(segment.text for segment in row.new) for row in laid_out]
    assert [line for line in left if line] == [line for line in old.split("\n") if line]
    assert [line for line in right if line] == [line for line in new.split("\n") if line]


@given(old=TEXTS, new=TEXTS)
@settings(max_examples=200, deadline=None)
@pytest.mark.parametrize("layout", [rows, inline_rows])
def test_every_change_is_decided_about_at_one_place(layout: Any, old: str, new: str) -> None:
    diff = compare(old, new)
    shown = [segment for row in fold(layout(diff)) for segment in (*row.old, *row.new) if segment.is_last]
    assert sorted(segment.change for segment in shown) == [change.number for change in diff.changes]


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


def test_unknown_numbers_are_refused() -> None:
    with pytest.raises(KeyError, match="0, 2"):
        choose("a", "b", {0, 1, 2})


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("One here.\n\nLast.", "One here.\n\nA.\n\nB.\n\nLast.", [("", "A.\n\n"), ("", "B.\n\n")]),
        ("One.\n\nTwo.\n\nThree.", "One.", [("\n\nTwo.", ""), ("\n\nThree.", "")]),
        ("One.", "One.\n\nTwo.\n\nThree.", [("", "\n\nTwo."), ("", "\n\nThree.")]),
        ("One.\n\nTwo.\n\nThree.", "Two.\n\nThree.", [("One.\n\n", "")]),
        (
            "The lamp was lit at six.\n\nLast.",
            "The lamp was lit at seven.\n\nA boy came up the stairs.\n\nLast.",
            [("six", "seven"), ("", "A boy came up the stairs.\n\n")],
        ),
        (
            "The lamp was lit at six. Nobody came up the stairs that night.",
            "The lamp was lit at six.\n\nNobody came up the stairs that night.",
            [(" ", "\n\n")],
        ),
        (
            "The lamp was lit at six. The boy came wet to the collar with a dog. It was late by then.",
            "The lamp was lit at six. A girl, soaked through, and her cat followed. It was late by then.",
            [("The boy came wet to the collar with a dog", "A girl, soaked through, and her cat followed")],
        ),
    ],
)
def test_a_change_is_a_run_of_words_or_a_whole_paragraph(
    old: str, new: str, changes: list[tuple[str, str]]
) -> None:
    assert [(change.old, change.new) for change in compare(old, new).changes] == changes


def test_what_is_left_out_of_whole_paragraphs_leaves_no_hole() -> None:
    old, new = "One.", "One.\n\nTwo.\n\nThree."
    assert [choose(old, new, {number}) for number in (1, 2)] == ["One.\n\nTwo.", "One.\n\nThree."]


def test_a_change_of_white_space_alone_is_shown_by_a_sign() -> None:
    (row,) = inline_rows(compare("One  two.", "One two."))
    assert [(part.kind, part.sign) for part in row.new if part.sign] == [("removed", "␣"), ("added", "␣")]
    first, _ = inline_rows(compare("One two. Three four.", "One two.\n\nThree four."))
    assert [(part.kind, part.sign) for part in first.new if part.sign] == [("removed", "␣"), ("added", "¶")]


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
    assert time.perf_counter() - started < 20
    assert diff.apply(range(1, len(diff.changes) + 1)) == new


def _scattered(letters: str, *, end: str, size: int, seed: int) -> str:
    """`size` characters of single letters, each with `end` behind it."""
    chooser = random.Random(seed)
    return "".join(chooser.choice(letters) + end for _ in range(size // (1 + len(end))))


def _islands(letters: str, *, end: str, size: int, seed: int) -> str:
    """Hundreds of letters between words that occur once: no comparison of the whole can part them."""
    chooser = random.Random(seed)
    block = 100 * (1 + len(end))
    return "".join(
        f"u{number}{end}" + "".join(chooser.choice(letters) + end for _ in range(99))
        for number in range(size // block)
    )


_SIZE = 2_000_000
_HOSTILE: dict[str, Any] = {
    "short lines": lambda seed: _scattered("abc", end="\n", size=_SIZE, seed=seed),
    "short paragraphs": lambda seed: _scattered("abcdefgh", end="\n\n", size=_SIZE, seed=seed),
    "letters": lambda seed: _scattered("ab", end=" ", size=_SIZE, seed=seed),
    "lines between anchors": lambda seed: _islands("ab", end="\n", size=_SIZE, seed=seed),
    "paragraphs between anchors": lambda seed: _islands("ab", end="\n\n", size=_SIZE, seed=seed),
    "a change in every line": lambda seed: "".join(f"x{n}{' ' * seed}\n" for n in range(_SIZE // 8)),
    "blank lines": lambda seed: ("\n" + " " * seed) * (_SIZE // (1 + seed)),
    "white space": lambda seed: "a\n\nb" + " " * _SIZE + "x" * seed,
}


@pytest.mark.parametrize("kind", _HOSTILE)
def test_a_hostile_text_gets_a_coarser_answer_not_a_longer_wait(kind: str) -> None:
    old, new = _HOSTILE[kind](0), _HOSTILE[kind](1)
    started = time.process_time()
    diff = compare(old, new)
    assert time.process_time() - started < 10  # it took 37 where every line was compared with every other
    assert (diff.apply(()), diff.apply(range(1, len(diff.changes) + 1))) == (old, new)


@given(old=TEXTS, new=TEXTS, steps=st.integers(min_value=0, max_value=400))
@settings(max_examples=300, deadline=None)
def test_both_texts_survive_however_little_may_be_looked_at(old: str, new: str, steps: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diffing, "_STEPS", steps)
        diff = compare(old, new)
    assert (diff.apply(()), diff.apply(range(1, len(diff.changes) + 1))) == (old, new)
    assert all(change.old != change.new for change in diff.changes)


def test_what_is_too_long_for_words_is_compared_by_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    old = "".join(f"Line {number} of the keeper's long log.\n" for number in range(40))
    new = old.replace("Line 7 ", "Row 7 ").replace("Line 30 ", "Row 30 ")
    monkeypatch.setattr(diffing, "_STEPS", 1200)
    assert [(change.old, change.new) for change in compare(old, new).changes] == [
        (f"Line {number} of the keeper's long log.\n", f"Row {number} of the keeper's long log.\n")
        for number in (7, 30)
    ]


def test_what_is_too_long_for_lines_keeps_the_ends_that_both_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffing, "_STEPS", 0)
    diff = compare("one\ntwo\nthree\nfour\n", "one\n2\n3\nfour\n")
    assert diff.pieces == (
        Same("one\n"),
        Change(number=1, at=4, old="two\nthree\n", new="2\n3\n"),
        Same("four\n"),
    )


def test_repetitive_texts_do_not_take_forever() -> None:
    old, new = "a\n\n" * 30_000, "a b\n\n" * 20_000
    started = time.perf_counter()
    diff = compare(old, new)
    assert diff.apply(range(1, len(diff.changes) + 1)) == new
    assert time.perf_counter() - started < 20
