"""What earlier runs tell about the next."""

from decimal import Decimal

import pytest

from orchestration.workflow.calibration import LEAST_RUNS, Calibration, calibrated, percentile


def runs(*ratios, foreseen=1000):
    return [(Decimal(foreseen), Decimal(ratio) * foreseen) for ratio in ratios]


def test_too_few_runs_tell_nothing():
    assert calibrated(runs(*["0.5"] * (LEAST_RUNS - 1))) is None
    assert calibrated([*runs(*["0.5"] * (LEAST_RUNS - 1)), (Decimal(0), Decimal(9))]) is None


def test_ten_equal_runs_are_the_next():
    half = Decimal("0.5000")
    assert calibrated(runs(*["0.5"] * 10)) == Calibration(half, half, half, 10)


def test_the_range_holds_four_in_five():
    told = calibrated(runs(*[f"{number / 10}" for number in range(1, 12)]))
    assert (told.ratio, told.low, told.high, told.runs) == (
        Decimal("0.6000"),
        Decimal("0.2000"),
        Decimal("1.0000"),
        11,
    )


def test_long_runs_weigh_more_and_the_range_includes_the_mean():
    told = calibrated([*runs(*["0.5"] * 19), (Decimal(1_000_000), Decimal(2_000_000))])
    assert told.low == Decimal("0.5000")
    assert told.ratio == told.high == Decimal("1.9720")


@pytest.mark.parametrize(
    ("share", "value"), [("0", "1"), ("0.1", "1.3"), ("0.5", "2.5"), ("0.9", "3.7"), ("1", "4")]
)
def test_percentiles_lie_between_values(share, value):
    assert percentile([Decimal(n) for n in (1, 2, 3, 4)], Decimal(share)) == Decimal(value)
