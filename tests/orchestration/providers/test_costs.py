"""What calls cost the studio: dated prices, and never a failure."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from billing.models import ModelPrice
from orchestration.providers import costs
from orchestration.providers.base import Usage
from orchestration.providers.registry import provider_name

pytestmark = pytest.mark.django_db


def cost(model, tokens_in=1_000, tokens_out=100, provider=None):
    return costs.cost_usd(
        provider=provider or provider_name(model), model=model, usage=Usage(tokens_in, tokens_out)
    )


@pytest.mark.parametrize(
    ("model", "usd"),
    [
        ("claude-opus-4-5", "0.007500"),
        ("claude-sonnet-4-5", "0.004500"),
        ("claude-haiku-4-5-20251001", "0.001500"),
        ("gemini-2.5-flash", "0.000550"),
        ("gpt-4o", "0.003500"),
        ("gpt-4o-mini", "0.000210"),
        ("o1", "0.021000"),
    ],
)
def test_the_library_knows_list_prices(model, usd):
    ModelPrice.objects.update(usd_in=7, usd_out=7)
    assert cost(model) == Decimal(usd)


def test_long_inputs_cost_what_they_cost():
    assert cost("gemini-2.5-pro", 150_000, 1_000) == Decimal("0.197500")
    assert cost("gemini-2.5-pro", 250_000, 1_000) == Decimal("0.640000")


def test_a_price_is_that_of_the_day_of_the_call(monkeypatch):
    monkeypatch.setattr(costs.clock, "now", lambda: datetime(2025, 6, 1, tzinfo=UTC))
    before = cost("o3")
    monkeypatch.setattr(costs.clock, "now", lambda: datetime(2026, 6, 1, tzinfo=UTC))
    assert before == 5 * cost("o3")


def test_what_the_library_does_not_know_costs_as_the_catalogue_says():
    assert cost("claude-sonnet-4-thinking") == Decimal("0.004500")
    ModelPrice.objects.create(
        name="our-llama", label="Ours", provider="openai", multiplier=1, usd_in="0.5", usd_out="1",
        priced_on="2026-01-01", position=99,
    )  # fmt: skip
    assert cost("our-llama") == Decimal("0.000600")


def test_what_nobody_knows_is_unknown_and_told_to_operators(caplog):
    assert cost("our-secret-model") is None
    assert "No price is known of our-secret-model by openai" in caplog.text


def test_house_costs_nothing():
    assert cost("house", 10**6, 10**6) == 0


@pytest.mark.parametrize("model", ["", "gpt-4o" * 500, "\x00", "💥", "gpt-4o'); --"])
def test_no_name_is_a_failure(model):
    cost(model, provider="openai")
    cost(model, provider="nobody")


def test_the_catalogues_agree_with_the_library_on_what_both_know():
    for price in ModelPrice.objects.exclude(provider="house"):
        known = costs._by_library(price.provider, price.name, Usage(1_000, 1_000))
        listed = costs._by_catalogue(price.name, Usage(1_000, 1_000))
        assert known in (None, listed), price.name
