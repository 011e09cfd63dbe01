"""What customers may do in Stripe's billing portal: see invoices, change cards, cancel."""

from hashlib import sha256
from json import dumps
from typing import Any

from django.conf import settings
from django.urls import reverse

from billing.models import StripeSetup
from billing.stripe import gateway
from billing.stripe.catalogue import Work
from billing.stripe.shapes import metadata_of
from config.common.clock import now

_MARK = "atelier_portal"


def arrange(work: Work) -> None:
    """Have Stripe's portal offer what is done there. Plans are changed here: upgrades need our preview."""
    wanted = _wanted()
    mark = {_MARK: sha256(dumps(wanted, sort_keys=True).encode()).hexdigest()[:32]}
    there = [
        shape for shape in gateway.list_all("billing_portal.configuration") if _MARK in metadata_of(shape)
    ]
    asked = {**wanted, "metadata": mark}
    if not there:
        shape = work.make("the portal", "billing_portal.configuration.create", asked)
    else:
        shape = there[0]
        if metadata_of(shape)[_MARK] != mark[_MARK] or not shape["active"]:
            changes = {**asked, "active": True}
            shape = work.change("the portal", "billing_portal.configuration.update", shape["id"], changes)
    StripeSetup.objects.update_or_create(
        livemode=settings.STRIPE_LIVE_MODE,
        defaults={"portal_configuration": shape["id"], "ran_at": now()},
    )


def configuration() -> str | None:
    """Return the id of the portal's configuration in the present mode; None before `stripe_setup` has run."""
    here = StripeSetup.objects.filter(livemode=settings.STRIPE_LIVE_MODE)
    return here.values_list("portal_configuration", flat=True).first()


def _wanted() -> dict[str, Any]:
    return {
        "default_return_url": settings.SITE_URL.rstrip("/") + reverse("billing:overview"),
        "features": {
            "customer_update": {"enabled": True, "allowed_updates": ["address", "tax_id"]},
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": True},
            "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        },
    }
