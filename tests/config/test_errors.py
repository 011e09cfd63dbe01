"""What a refusal says besides its message."""

import pytest

from config.common.errors import Missing, TooMany


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (15, "15 seconds"),
        (90, "90 seconds"),
        (91, "2 minutes"),
        (2400, "40 minutes"),
        (3600, "60 minutes"),
    ],
)
def test_how_long_to_wait_in_words(seconds, words):
    assert TooMany("Later.", retry_after=seconds).wait == words


def test_nothing_to_wait_for():
    assert Missing("No.").wait == ""
