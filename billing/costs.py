"""What running the studio costs its operator, by the dated figures of the catalogue in force."""

from functools import lru_cache

from billing.catalogue.document import Costs
from billing.catalogue.parsing import parse
from billing.pricing_table import current_economics


def operator_costs() -> Costs | None:
    """Return the costs of the catalogue in force; None while none is loaded."""
    current = current_economics()
    return _read(current.source) if current else None


@lru_cache(maxsize=4)
def _read(source: str) -> Costs:
    return parse(source).costs
