"""Where what was bought is carried out, told by the apps above that carry it out."""

from collections.abc import Callable, Sequence
from uuid import UUID

from billing.models import Payment

Finder = Callable[[Sequence[Payment]], dict[UUID, str]]
"""Gives the pages of those payments that something is carried out for, by their ids."""

_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Let `finder` tell. Called once, from an AppConfig.ready()."""
    if finder not in _finders:
        _finders.append(finder)


def pages_of(payments: Sequence[Payment]) -> dict[UUID, str]:
    """Return the page on which each payment's work can be followed, where there is any."""
    return {payment: page for finder in _finders for payment, page in finder(payments).items()}
