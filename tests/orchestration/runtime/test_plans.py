"""Ceilings: enough for an honest answer, and never more than what is held."""

from dataclasses import replace
from decimal import Decimal

import pytest

from orchestration.runtime.plans import Price, ceiling, likely_output, most_output
from orchestration.workflow.tokens import estimate, upper_bound
from tests.orchestration.test_prompts import BASE, FINDINGS

PRICE = Price(Decimal(1), 10_000)


@pytest.mark.parametrize("role", ["writer", "style_editor", "synthesizer"])
@pytest.mark.parametrize("length", [0, 100, 10_000, 300_000])
def test_a_likely_answer_has_room(role, length):
    material = replace(BASE, role=role, document="word " * (length // 5), findings=FINDINGS)
    assert likely_output(material) <= most_output(material, None) or role == "synthesizer"


def test_a_text_at_the_plans_limit_can_be_returned_whole():
    material = replace(BASE, document="x" * 14_000)
    assert estimate(material.document) + 1_000 <= most_output(material, most=4_000)


def test_the_hold_covers_all_that_may_be_read_and_written():
    most = ceiling(BASE, price=PRICE, most=None)
    assert most.credits * 10_000 >= most.tokens_in + most.tokens_out
    dear = ceiling(BASE, price=Price(Decimal("3.5"), 1000), most=None)
    assert dear.credits * 1000 >= (dear.tokens_in + dear.tokens_out) * Decimal("3.5")


def test_what_is_written_already_is_read_and_not_written_again():
    whole = ceiling(BASE, price=PRICE, most=None)
    prefix = "word " * 100
    rest = ceiling(BASE, price=PRICE, most=None, prefix=prefix)
    assert rest.tokens_in == whole.tokens_in + upper_bound(prefix)
    assert rest.tokens_out == whole.tokens_out - estimate(prefix)


def test_a_hold_is_never_nothing():
    price = Price(Decimal("0.0001"), 10**6)
    assert price.credits(price.weigh(1, 1)) == price.credits(Decimal(0)) == 1


@pytest.mark.parametrize("weight", ["1", "3"])
@pytest.mark.parametrize("multiplier", ["0.1", "1", "3.5"])
def test_a_shortened_ceiling_stays_within_what_is_left(multiplier, weight):
    price = Price(Decimal(multiplier), 10_000, Decimal(weight))
    whole = ceiling(BASE, price=price, most=None)
    assert whole.least < whole.weighted
    for share in ("0", "0.3333", "0.9999"):
        left = whole.least + (whole.weighted - whole.least) * Decimal(share)
        short = whole.shortened(left)
        assert likely_output(BASE) <= short.tokens_out < whole.tokens_out
        used = price.weigh(short.tokens_in, short.tokens_out)
        assert used <= left < used + price.weigh(0, 1)
        assert (short.is_short, short.credits) == (True, price.credits(left))


def test_an_answer_that_was_begun_goes_on_whole_or_not_at_all():
    rest = ceiling(BASE, price=PRICE, most=None, prefix="word ")
    assert rest.least == rest.weighted
