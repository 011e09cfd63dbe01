"""Builders of catalogues for the tests."""

import tomllib
from decimal import Decimal
from typing import Any

from billing.catalogue.document import Catalogue
from billing.catalogue.loading import Loaded, load, read_source
from billing.catalogue.parsing import parse
from billing.models import AgentPrice, CatalogueVersion, ModelPrice, Plan, PlanTerms, Product, Subscription


def shipped(name: str) -> Catalogue:
    """Return one of our catalogues, typed."""
    return parse(read_source(name))


def raw(name: str = "atelier") -> dict[str, Any]:
    """Return one of our catalogues as plain data, to be spoilt."""
    return tomllib.loads(read_source(name), parse_float=Decimal)


def edited(old: str, new: str, name: str = "atelier") -> str:
    """Return the text of one of our catalogues with the first `old` replaced; it must be there."""
    source = read_source(name)
    assert old in source
    return source.replace(old, new, 1)


def load_shipped(name: str) -> Loaded:
    """Put one of our catalogues in force."""
    return load(source=read_source(name))


def unload() -> None:
    """Leave the studio as it is before the first catalogue."""
    for model in (Subscription, PlanTerms, AgentPrice, Plan, Product, ModelPrice, CatalogueVersion):
        model._default_manager.all().delete()
