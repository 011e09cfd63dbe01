"""What is sold and who has it."""

from billing.models.catalogue import AgentPrice, CatalogueVersion, ModelPrice, Product
from billing.models.plan import Plan, PlanTerms, Price
from billing.models.reconciliation import Difference, Reconciliation
from billing.models.request import StripeRequest
from billing.models.setup import StripeSetup
from billing.models.subscription import FreeGrant, Subscription
from billing.models.ticket import StripeTicket
from billing.models.webhook import WebhookEvent

__all__ = [
    "AgentPrice",
    "CatalogueVersion",
    "Difference",
    "FreeGrant",
    "ModelPrice",
    "Plan",
    "PlanTerms",
    "Price",
    "Product",
    "Reconciliation",
    "StripeRequest",
    "StripeSetup",
    "StripeTicket",
    "Subscription",
    "WebhookEvent",
]
