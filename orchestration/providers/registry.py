"""Which provider serves a model, and whether it can on this installation."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings

from orchestration.providers.base import Provider
from orchestration.providers.house_provider import House

HOUSE = "house"
_HOUSE = House()
_VENDORS = ("anthropic", "openai", "google")
_PREFIXES = {"claude": "anthropic", "gemini": "google", "gpt": "openai", "o1": "openai", "o3": "openai"}


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a model can be used here; `reason` says what is missing."""

    available: bool
    reason: str = ""


def provider_name(model: str) -> str:
    """Return who serves `model`; a name of no known vendor is taken to the OpenAI-compatible server."""
    if model == HOUSE:
        return HOUSE
    for prefix, name in _PREFIXES.items():
        if model.startswith(prefix):
            return name
    return "openai"


def provider_of(model: str) -> Provider:
    """Return the provider that serves `model`."""
    name = provider_name(model)
    return _HOUSE if name == HOUSE else _vendor(name)


def availability(model: str) -> Availability:
    """Tell whether `model` can be called with the keys and servers that are configured."""
    name = provider_name(model)
    if name == HOUSE:
        return Availability(available=True)
    if _is_configured(name):
        return Availability(available=True)
    return Availability(available=False, reason=f"This studio has no key for {name.capitalize()}.")


def _is_configured(name: str) -> bool:
    key = getattr(settings, f"{name.upper()}_API_KEY")
    server = getattr(settings, f"{name.upper()}_BASE_URL")
    return bool(key or (name == "openai" and server))


def load_configured() -> None:
    """Import what the configured vendors need: a worker does it before it forks, so that no answer waits."""
    for name in _VENDORS:
        if _is_configured(name):
            _vendor(name)


@cache
def _vendor(name: str) -> Provider:
    # Imported only here: it costs every process a second, and a studio without keys never needs it.
    from orchestration.providers.llm import LanguageModels

    return LanguageModels(name)
