"""Words, sentences and quotations keep their places."""

import pytest

from orchestration.providers.house.prose import Prose


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mr. Marsh left. He ran.", 2),
        ("It cost 3.5 million. Really? Yes!", 3),
        ("“Go!” he said. “Now.” She went.", 3),
        ("It was late.—He ran. See e.g. Rome, etc. and go.", 3),
        ("He met J. P. Marsh at 5 p.m. on Monday.", 1),
        ("One line\nand the next. New one.", 2),
        ("- an item\n- another item", 2),
        ("# Heading\nBody text here.", 2),
    ],
)
def test_sentences(text, count):
    assert len(Prose.of(text).sentences) == count


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("He said “go now” and left.", ["go", "now"]),
        ('He said "go now" and left.', ["go", "now"]),
        ("He said ‘go now’ and left; it’s the dogs’ bowl.", ["go", "now"]),
        (
            "“He never closed it,\n\n“but went on.” Then rest.",
            ["He", "never", "closed", "it", "but", "went", "on"],
        ),
        ("> Quoted whole.\n\nNot this.", ["Quoted", "whole"]),
        ('A 5" pipe and no more.', []),
    ],
)
def test_quoted_words(text, quoted):
    assert [word.text for word in Prose.of(text).words if word.quoted] == quoted


def test_words_keep_their_offsets():
    text = "Don’t—well-known *café*, x2 and 14th."
    words = Prose.of(text).words
    assert [word.text for word in words] == ["Don’t", "well-known", "café", "x", "and"]
    assert all(text[word.start : word.end] == word.text for word in words)


def test_markup_is_blanked_in_place():
    text = "See [the page](http://a.b/c), `code` and <b>bold</b> at http://x.y/z."
    view = Prose.of(text).view
    assert len(view) == len(text)
    assert view.replace("\ufffc", "").split() == ["See", "the", "page", ",", "and", "bold", "at"]
