"""How often an hour AI work may be asked for, by the plan."""

import pytest

from billing import rates
from config.common.errors import TooMany
from config.common.outages import Outage
from tests.credits.races import at_once, kinds
from tests.support.sessions import on_plan


@pytest.mark.django_db
def test_the_plan_says_how_often(alice, bob):
    for count in range(10):
        assert rates.asked(alice) == count
        rates.take(alice)
    for ask in (rates.require, rates.take):
        with pytest.raises(TooMany) as refused:
            ask(alice)
        assert refused.value.code == "rate_limited"
        assert 0 < refused.value.retry_after <= 3600
        assert refused.value.message.startswith("Free allows 10 AI requests an hour, and you have made 10.")
        assert refused.value.details["plan"]["code"] == "starter"
    assert rates.asked(alice) == 10
    rates.take(bob)


@pytest.mark.django_db
def test_a_larger_plan_counts_anew(alice):
    for _ in range(10):
        rates.take(alice)
    rates.take(on_plan(alice, "starter"))
    assert rates.asked(alice) == 1


@pytest.mark.django_db
def test_looking_counts_nothing(alice):
    for _ in range(20):
        rates.require(alice)
    assert rates.asked(alice) == 0


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_what_there_is(alice):
    results = at_once(*[lambda: rates.take(alice)] * 16)
    assert kinds(results) == ["TooMany"] * 6


@pytest.mark.django_db
def test_without_the_cache_nobody_gets_past(alice, settings, tmp_path):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": f"unix://{tmp_path}/nobody.sock?db=0"}
    }
    for ask in (rates.require, rates.take, rates.asked):
        with pytest.raises(Outage):
            ask(alice)
