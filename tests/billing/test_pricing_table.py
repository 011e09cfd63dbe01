"""What a model weighs; what is not listed has no weight at all."""

from decimal import Decimal

import pytest

from billing.models import CatalogueVersion
from billing.pricing_table import economics, multiplier, resolve_model, tokens_per_credit
from config.common.errors import Refused, Unavailable

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("claude-haiku-4-5", "claude-haiku-4-5"),
        ("claude-haiku-4-5-20250110", "claude-haiku-4-5"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("gemini-2.0-flash-001", "gemini-2.0-flash"),
        ("o1-2024-12-17", "o1"),
    ],
)
def test_dated_names_and_aliases_mean_the_listed_model(name, listed):
    assert resolve_model(name).name == listed


@pytest.mark.parametrize(
    "name",
    [
        "",
        "gpt-5",
        "claude-haiku-4-5-2025",
        "claude-haiku-4-5-20250110-x",
        "Claude-Haiku-4-5",
        "-20250110",
        "gpt-4",
        "house-house",
        "claude-haiku-4-5-20250110-20250110",
        "x" * 10000,
    ],
)
def test_unlisted_model_is_refused_and_never_weighs_one(name):
    with pytest.raises(Refused) as refused:
        multiplier(name)
    assert (refused.value.status, refused.value.code) == (403, "model_not_allowed")


def test_multiplier_is_exact():
    assert multiplier("claude-haiku-4-5") == Decimal("0.25")
    assert multiplier("house-20250110") == Decimal("0.1")


def test_economics_are_those_of_the_current_catalogue():
    assert tokens_per_credit() == 10_000
    assert economics().output_weight == 1
    CatalogueVersion.objects.update(is_current=False)
    with pytest.raises(Unavailable):
        tokens_per_credit()
