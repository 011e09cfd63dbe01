"""Finds what the catalogue sells by the names that Stripe has for it."""

from billing.models import Price
from config.common.errors import Missing


def price_at_stripe(stripe_id: str) -> Price:
    """Return the price that Stripe knows by this id, of any version of terms; Missing for none of ours."""
    found = Price.objects.filter(stripe_id=stripe_id)
    price = found.select_related("terms__plan", "terms__catalogue").first()
    if price is None:
        raise Missing(f"No plan of the catalogue has the price {stripe_id}.")
    return price
