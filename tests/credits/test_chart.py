"""Where the columns stand."""

from datetime import date, timedelta

import pytest

from credits.chart import column_chart

DAYS = [date(2026, 11, 1) + timedelta(days=number) for number in range(30)]
TODAY = DAYS[19]


def drawn(**credits):
    return column_chart(DAYS, {date(2026, 11, int(day[1:])): n for day, n in credits.items()}, today=TODAY)


def test_without_use_there_is_nothing_to_draw():
    assert drawn() is None
    assert drawn(d3=0) is None
    assert column_chart([], {}, today=TODAY) is None


@pytest.mark.parametrize(
    ("most", "lines"),
    [
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (17, [0, 5, 10, 15, 20]),
        (40, [0, 10, 20, 30, 40]),
        (41, [0, 20, 40, 60]),
        (2_345_678, [0, 1_000_000, 2_000_000, 3_000_000]),
    ],
)
def test_grid_lines_are_round_and_few(most, lines):
    chart = drawn(d5=most)
    assert [line.text for line in chart.lines] == lines
    assert (chart.lines[0].place, chart.lines[-1].place) == ("100.000%", "0.000%")


def test_a_column_is_as_high_as_its_share_of_the_scale():
    columns = drawn(d1=20, d2=5).columns
    assert (columns[0].y, columns[0].height) == ("0.000%", "100.000%")
    assert (columns[1].y, columns[1].height) == ("75.000%", "25.000%")
    assert columns[2].height == "0.000%"


def test_a_single_credit_beside_thousands_is_still_seen():
    assert drawn(d1=4000, d2=1).columns[1].height == "1.500%"


def test_days_after_today_are_still_to_come():
    assert [column.day for column in drawn(d1=1).columns if column.is_to_come] == DAYS[20:]


def test_every_seventh_day_is_named():
    assert [label.text.day for label in drawn(d1=1).labels] == [1, 8, 15, 22, 29]


def test_the_peak_is_the_latest_of_equals():
    assert drawn(d3=5, d9=5, d10=1).peak.day == date(2026, 11, 9)
