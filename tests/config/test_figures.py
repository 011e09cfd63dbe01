"""Figures as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from config.common.figures import day

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "21 November"),
        (NOW + timedelta(days=45), "5 January"),
        (NOW - timedelta(days=45), "7 October"),
        (NOW + timedelta(days=365), "21 November 2027"),
        (NOW - timedelta(days=365), "21 November 2025"),
    ],
)
def test_a_day_has_its_year_where_it_is_far_off(time_machine, moment, words):
    time_machine.move_to(NOW, tick=False)
    assert day(moment) == words
