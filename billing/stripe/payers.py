"""Whose an object at Stripe is."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from djstripe.models import Customer

from accounts.models import User
from billing.stripe.shapes import id_of, metadata_of


def payer_of(shape: Mapping[str, Any]) -> User | None:
    """Return the user whose customer an object names, or whom the studio wrote on it; None for nobody's.

    Objects of others are in the same account of Stripe where it sells other things, too.
    """
    customer = Customer.objects.filter(id=id_of(shape.get("customer"))).select_related("subscriber").first()
    if customer is not None and customer.subscriber is not None:
        return customer.subscriber
    written = metadata_of(shape).get("atelier_user", "")
    try:
        return User.objects.filter(pk=UUID(written)).first()
    except ValueError:
        return None
