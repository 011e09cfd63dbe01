"""What helps who runs out of credits, in the words of the apps above that sell them."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Remedy:
    """The cheapest way to more credits: a sentence, and where to take it."""

    text: str
    action: str
    url: str


Advise = Callable[[User, int], Remedy | None]
"""Gives the cheapest remedy for a user whose month brings so many credits; None where there is none."""

_advisers: list[Advise] = []


def register(advise: Advise) -> None:
    """Let `advise` speak. Called from an AppConfig.ready(); the first that knows something is heard."""
    if advise not in _advisers:
        _advisers.append(advise)


def remedy_for(user: User, *, allowance: int) -> Remedy | None:
    """Return the cheapest way to more than `allowance` credits a month."""
    return next((remedy for advise in _advisers if (remedy := advise(user, allowance))), None)
