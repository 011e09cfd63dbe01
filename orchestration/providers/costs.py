"""What a call costs the studio in US dollars, by dated list prices."""

import logging
from decimal import Decimal
from functools import cache
from typing import Any

from billing.pricing_table import resolve_model
from config.common import clock
from config.common.errors import DomainError
from orchestration.providers.base import Usage
from orchestration.providers.registry import HOUSE

logger = logging.getLogger(__name__)

_MILLION = 1_000_000
_PLACES = Decimal("0.000001")


def cost_usd(*, provider: str, model: str, usage: Usage) -> Decimal | None:
    """Return the list price of `usage` today, to a millionth of a dollar; None where nobody knows one.

    By genai-prices, which knows from when to when a price holds and what long inputs cost; by the catalogue
    for what is not in it. The built-in analyst costs nothing. Never raises: a run does not fail over this.
    """
    if provider == HOUSE:
        return Decimal(0)
    known = _by_library(provider, model, usage)
    total = _by_catalogue(model, usage) if known is None else known
    if total is None:
        logger.warning("No price is known of %s by %s: its cost is not metered", model, provider)
        return None
    return total.quantize(_PLACES)


def _by_library(provider: str, model: str, usage: Usage) -> Decimal | None:
    prices = _library()
    counted = prices.Usage(input_tokens=usage.tokens_in, output_tokens=usage.tokens_out)
    try:
        found = prices.calc_price(counted, model, provider_id=provider, genai_request_timestamp=clock.now())
    except (LookupError, ValueError):
        return None
    return Decimal(found.total_price)


def _by_catalogue(model: str, usage: Usage) -> Decimal | None:
    try:
        price = resolve_model(model)
    except DomainError:
        return None
    return (usage.tokens_in * price.usd_in + usage.tokens_out * price.usd_out) / _MILLION


@cache
def _library() -> Any:
    import genai_prices  # a third of a second to load: for workers, when a call has been made

    return genai_prices
