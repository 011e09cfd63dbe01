"""The pages of orders, for who has paid for them."""

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse

from billing.models import Payment
from orchestration.models import ServiceOrder


def pages_of_orders(payments: Sequence[Payment]) -> dict[UUID, str]:
    """Return the page of each payment's order, by the payment's id, in one query."""
    orders = ServiceOrder.objects.filter(payment__in=payments).values_list("payment_id", "pk")
    return {payment: reverse("orchestration:order", args=[order]) for payment, order in orders}
