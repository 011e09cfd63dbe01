"""Prices: exact, rounded once for a run, and never from a price that is none."""

import os
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credits.pricing import PriceError, credits_for, turn_cost, weigh

multipliers = st.decimals("0.0001", "50", places=4)
counts = st.integers(0, 2_000_000)
SPLITS = int(os.environ.get("PRICING_SPLITS", "300"))
turns = st.lists(st.tuples(counts, counts, multipliers), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("tokens_in", "tokens_out", "multiplier", "cost"),
    [
        (0, 0, "1.0", 0),
        (1, 0, "1.0", 1),
        (5_000, 5_000, "1.0", 1),
        (5_000, 5_001, "1.0", 2),
        (20_000, 20_000, "0.25", 1),
        (20_000, 20_001, "0.25", 2),
        (10_000, 0, "3.0", 3),
        (70_000, 30_000, "0.1", 1),
    ],
)
def test_credits_are_tokens_times_multiplier_rounded_up(tokens_in, tokens_out, multiplier, cost):
    weighted = weigh(tokens_in=tokens_in, tokens_out=tokens_out, multiplier=Decimal(multiplier))
    assert credits_for(weighted_tokens=weighted, tokens_per_credit=10_000) == cost


def test_output_weight_counts_output_only():
    assert weigh(
        tokens_in=100, tokens_out=100, multiplier=Decimal("0.5"), output_weight=Decimal(4)
    ) == Decimal(250)


@settings(max_examples=SPLITS, deadline=None)
@given(turns=turns, per_credit=st.integers(1, 50_000))
def test_turns_of_a_run_sum_to_the_run(turns, per_credit):
    """SPEC C4, A24 (with PRICING_SPLITS=10000): the sum of the parts is the whole, to the credit."""
    total, paid = Decimal(0), 0
    exact = Fraction(0)
    for tokens_in, tokens_out, multiplier in turns:
        after = total + weigh(tokens_in=tokens_in, tokens_out=tokens_out, multiplier=multiplier)
        paid += turn_cost(before=total, after=after, tokens_per_credit=per_credit)
        total = after
        exact += (tokens_in + tokens_out) * Fraction(multiplier)
    assert paid == ceil(exact / per_credit)


@settings(max_examples=200, deadline=None)
@given(
    before=st.decimals("0", "1000000", places=4),
    bound=counts,
    limit=counts,
    share=st.floats(0, 1),
    multiplier=multipliers,
)
def test_no_turn_exceeds_its_worst_case(before, bound, limit, share, multiplier):
    used = weigh(tokens_in=int(bound * share), tokens_out=int(limit * share), multiplier=multiplier)
    most = weigh(tokens_in=bound, tokens_out=limit, multiplier=multiplier)
    hold = credits_for(weighted_tokens=most, tokens_per_credit=10_000)
    assert turn_cost(before=before, after=before + used, tokens_per_credit=10_000) <= hold


@settings(max_examples=300, deadline=None)
@given(
    price=st.one_of(
        st.decimals(max_value=0, allow_nan=False), st.sampled_from([Decimal("NaN"), Decimal("Infinity")])
    )
)
def test_a_price_that_is_none_is_refused(price):
    """A25: zero, negative, not a number, without end."""
    with pytest.raises(PriceError):
        weigh(tokens_in=1, tokens_out=1, multiplier=price)
    with pytest.raises(PriceError):
        weigh(tokens_in=1, tokens_out=1, multiplier=Decimal(1), output_weight=price)


@pytest.mark.parametrize("tokens", [(-1, 0), (0, -1)])
def test_negative_tokens_are_refused(tokens):
    with pytest.raises(PriceError):
        weigh(tokens_in=tokens[0], tokens_out=tokens[1], multiplier=Decimal(1))


@pytest.mark.parametrize("per_credit", [0, -10_000])
def test_a_credit_that_buys_nothing_is_refused(per_credit):
    with pytest.raises(PriceError):
        credits_for(weighted_tokens=Decimal(1), tokens_per_credit=per_credit)


@pytest.mark.parametrize("weighted", [Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
def test_weighted_tokens_without_meaning_are_refused(weighted):
    with pytest.raises(PriceError):
        credits_for(weighted_tokens=weighted, tokens_per_credit=10_000)


def test_a_shrinking_run_is_refused():
    with pytest.raises(PriceError):
        turn_cost(before=Decimal(2), after=Decimal(1), tokens_per_credit=1)
