"""What a call costs the studio in US dollars: the catalogue's dated list prices."""

from decimal import Decimal

from billing.pricing_table import resolve_model
from config.common.errors import DomainError
from orchestration.providers.base import Usage

_MILLION = 1_000_000
_PLACES = Decimal("0.000001")


def cost_usd(*, model: str, usage: Usage) -> Decimal:
    """Return the list price of `usage`; 0 for a model that is no longer listed."""
    try:
        price = resolve_model(model)
    except DomainError:
        return Decimal(0)
    total = (usage.tokens_in * price.usd_in + usage.tokens_out * price.usd_out) / _MILLION
    return total.quantize(_PLACES)
