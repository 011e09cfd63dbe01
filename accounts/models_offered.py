"""The models a person can choose from; the app that knows models tells which they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts.models import User
from accounts.preferences import Preferences
from config.common.errors import Invalid


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model by its name, as a choice with its price, and who serves it."""

    name: str
    label: str
    provider: str
    provider_label: str


Reader = Callable[[User], Sequence[ModelChoice]]

_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Let `reader` tell which models a user may choose and this studio can reach. Called once, in `ready`."""
    if _readers and _readers != [reader]:
        raise ValueError("Somebody tells the models already.")
    _readers[:] = [reader]


def offered_to(user: User) -> list[ModelChoice]:
    """Return the models that `user` can choose now, the one that everybody has first."""
    return [choice for reader in _readers for choice in reader(user)]


def require_offered(*, user: User, before: Preferences, after: Preferences) -> None:
    """Raise Invalid where a default was changed to a model or a provider that `user` cannot choose.

    What was chosen before may stay: a plan that was left, or a key that is away, is no reason to refuse a
    change of the theme.
    """
    chosen = (after.default_provider, after.default_model)
    if chosen == (before.default_provider, before.default_model) or chosen == (None, None):
        return
    offered = offered_to(user)
    wrong: dict[str, list[str]] = {}
    providers = {choice.provider for choice in offered}
    if after.default_provider not in (None, before.default_provider, *providers):
        wrong["default_provider"] = [f"Choose one of {', '.join(sorted(providers))}."]
    found = next((choice for choice in offered if choice.name == after.default_model), None)
    if found is None and after.default_model not in (None, before.default_model):
        wrong["default_model"] = [f"Your plan and this studio offer {', '.join(c.name for c in offered)}."]
    elif found is not None and after.default_provider not in (None, found.provider):
        wrong["default_model"] = [f"{found.name} is served by {found.provider_label}."]
    if wrong:
        raise Invalid("Some preferences need another look.", details={"fields": wrong})
