"""Stripe's own pages for cards, addresses and invoices."""

from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from billing.stripe import customers, gateway
from billing.stripe import portal as stripe_portal
from config.common.errors import DomainError


class NoCustomer(DomainError):
    """Whoever never paid for anything has nothing at Stripe to look at."""

    status = 400
    code = "no_customer"


def open(*, user: User) -> str:
    """Return the address of Stripe's pages for `user`, good for minutes. NoCustomer where they never paid."""
    if not customers.is_known(user):
        raise NoCustomer("There is nothing to show yet: you have bought nothing here. Choose a plan first.")
    parameters = {
        "customer": customers.customer_for(user),
        "return_url": settings.SITE_URL.rstrip("/") + reverse("billing:overview"),
    }
    configuration = stripe_portal.configuration()
    if configuration is not None:
        parameters["configuration"] = configuration
    session = gateway.request(
        operation="billing_portal.session.create",
        key=f"portal:{user.pk}:{uuid4()}",
        parameters=parameters,
        user=user,
    )
    return str(session["url"])
