"""The models a person can choose: what the plan carries and this studio can reach."""

from dataclasses import dataclass

from billing.limits import Limits
from billing.models import ModelPrice
from orchestration.providers.registry import HOUSE, availability


@dataclass(frozen=True)
class ModelChoice:
    """A model by name, as a choice with its price."""

    name: str
    label: str


def usable_models(limits: Limits) -> list[ModelChoice]:
    """Return the models that `limits` carry and this studio can reach, the built-in analyst first."""
    prices = [price for price in ModelPrice.objects.all() if limits.includes_model(price.name)]
    reachable = [price for price in prices if availability(price.name).available]
    reachable.sort(key=lambda price: (price.name != HOUSE, price.position))
    return [
        ModelChoice(price.name, f"{price.label} (× {price.multiplier.normalize():f})") for price in reachable
    ]
