"""The models a person can choose: what the plan carries and this studio can reach."""

from collections.abc import Sequence

from accounts.models import User
from accounts.models_offered import ModelChoice
from billing.entitlements import limits_for
from billing.models import ModelPrice
from orchestration.providers.registry import HOUSE, availability, provider_name

_PROVIDERS = {"house": "House, built in", "anthropic": "Anthropic", "openai": "OpenAI", "google": "Google"}


def offered_models(user: User) -> list[ModelChoice]:
    """Return the models that `user` can choose now, the built-in analyst first."""
    limits = limits_for(user)
    prices = [
        price
        for price in ModelPrice.objects.all()
        if limits.includes_model(price.name) and availability(price.name).available
    ]
    prices.sort(key=lambda price: (price.name != HOUSE, price.position))
    return [_choice(price) for price in prices]


def default_model(user: User, offered: Sequence[ModelChoice]) -> str:
    """Return the model that a new session begins with: the preferred one, or the preferred provider's first.

    What is no longer offered does not count; without a preference it is the built-in analyst.
    """
    preferences = user.preferences
    names = [choice.name for choice in offered]
    if preferences.default_model in names:
        return preferences.default_model
    served = [choice.name for choice in offered if choice.provider == preferences.default_provider]
    return next(iter([*served, *names]), HOUSE)


def _choice(price: ModelPrice) -> ModelChoice:
    provider = provider_name(price.name)
    return ModelChoice(
        name=price.name,
        label=f"{price.label} (× {price.multiplier.normalize():f})",
        provider=provider,
        provider_label=_PROVIDERS[provider],
    )
