"""What a manuscript measures."""

import time

import pytest

from objects import text


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("", 0),
        ("One two three.", 3),
        ("# A *bold* move\n\n- it's well-known\n1. 3.5 percent", 7),
        ("[the sea](https://example.org/a/b?c=d) and ![a gull](gull.png)", 5),
        ("Wait—what? No … yes", 4),
        ("```python\ncode here\n```", 2),
        ("<b>bold</b> <!-- not read -->", 1),
        ("snake_case stays two", 4),
        ("海は広い", 4),
        ("| a | b |\n|---|---|\n| c | d |", 4),
        ("***\n\n---", 0),
    ],
)
def test_word_count_is_what_a_reader_sees(markdown: str, words: int) -> None:
    assert text.word_count(markdown) == words


def test_normalise_stores_what_a_database_can_hold() -> None:
    assert text.normalise("a\r\nb\rc\x00\x07d\ud800\ufeff") == "a\nb\ncd?"


def test_estimate_tokens_is_bytes_by_three_and_a_half_rounded_up() -> None:
    assert text.estimate_tokens("") == 0
    assert text.estimate_tokens("abcdefg") == 2
    assert text.estimate_tokens("abcdefgh") == 3
    assert text.estimate_tokens("é" * 7) == 4


@pytest.mark.parametrize(
    ("markdown", "title"),
    [
        ("text only", ""),
        ("intro\n\n## The *Sea* ##\n\ntext", "The Sea"),
        ("#no\n# Yes", "Yes"),
        ("# " + "a" * 300, "a" * 200),
    ],
)
def test_title_of_is_the_first_heading(markdown: str, title: str) -> None:
    assert text.title_of(markdown) == title


@pytest.mark.parametrize("part", ["<!--", "[\n", "](", '](x "', "<a", "# " + "#", "1.\n", "a-", "```\n"])
def test_hostile_texts_are_measured_in_time_of_their_length(part: str) -> None:
    hostile = part * (text.MAX_BYTES // len(part))
    started = time.process_time()
    text.word_count(hostile)
    text.title_of("# " + hostile + "x")
    assert time.process_time() - started < 10
