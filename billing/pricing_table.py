"""What a model weighs in credits: the listed ones, and no other."""

import re
from dataclasses import dataclass
from decimal import Decimal

from billing.models import CatalogueVersion, ModelPrice, PlanTerms, Price, Product
from config.common.errors import Refused, Unavailable

_DATED = re.compile(r"(?P<name>.+?)-(?:20\d{6}|20\d\d-\d\d-\d\d)")


def resolve_model(name: str) -> ModelPrice:
    """Return the listed model that `name` means: its name, an alias, or either with a date behind it.

    Refused (`model_not_allowed`) for every other name: no model ever has a price by default.
    """
    dated = _DATED.fullmatch(name)
    wanted = [name, dated["name"]] if dated else [name]
    listed = list(ModelPrice.objects.all())
    for candidate in wanted:
        for model in listed:
            if candidate == model.name or candidate in model.aliases:
                return model
    raise Refused(
        f"There is no model called “{name[:80]}” here.",
        code="model_not_allowed",
        details={"model": name[:80], "plan": None},
    )


def multiplier(name: str) -> Decimal:
    """Return how many credits a credit's worth of tokens costs on the model `name`; Refused if unlisted."""
    return resolve_model(name).multiplier


def current_economics() -> CatalogueVersion | None:
    """Return the catalogue in force; None while none is loaded."""
    return CatalogueVersion.objects.filter(is_current=True).first()


def economics() -> CatalogueVersion:
    """Return the catalogue in force; Unavailable while none is loaded."""
    current = current_economics()
    if current is None:
        raise Unavailable("This studio has no catalogue yet. Its operator loads one.")
    return current


def tokens_per_credit() -> int:
    """Return how many weighted tokens one credit buys."""
    return economics().tokens_per_credit


@dataclass(frozen=True, slots=True)
class CreditPrice:
    """What one credit costs in USD where it costs least, and with what it is bought there."""

    usd: Decimal
    bought_as: str


def lowest_credit_price() -> CreditPrice | None:
    """Return the least that a credit costs in the catalogue in force; None where no credits are sold.

    A sold credit brings at least that. Asked are packs, and plans by month and year with all credits used.
    """
    packs = Product.objects.filter(is_offered=True, credits__isnull=False)
    offers = [(Decimal(pack.price_cents) / 100 / (pack.credits or 1), pack.name) for pack in packs]
    terms = PlanTerms.objects.offered().filter(credits_per_month__isnull=False).prefetch_related("prices")
    for plan in terms:
        for price in plan.prices.all():
            months = 12 if price.interval == Price.Interval.YEAR else 1
            usd = Decimal(price.amount_cents) / 100 / ((plan.credits_per_month or 1) * months)
            offers.append((usd, f"{plan.name}, by the {price.interval}"))
    if not offers:
        return None
    usd, bought_as = min(offers)
    return CreditPrice(usd.quantize(Decimal("0.00001")), bought_as)
