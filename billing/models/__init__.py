"""What is sold and who has it."""

from billing.models.catalogue import AgentPrice, CatalogueVersion, ModelPrice, Product
from billing.models.payment import Payment
from billing.models.plan import Plan, PlanTerms, Price
from billing.models.reconciliation import Difference, Reconciliation
from billing.models.request import StripeRequest
from billing.models.reversal import Reversal
from billing.models.setup import StripeSetup
from billing.models.stripe_subscription import StripeSubscription
from billing.models.subscription import FreeGrant, Subscription, Trial
from billing.models.ticket import StripeTicket
from billing.models.webhook import WebhookEvent

__all__ = [
    "AgentPrice",
    "CatalogueVersion",
    "Difference",
    "FreeGrant",
    "ModelPrice",
    "Payment",
    "Plan",
    "PlanTerms",
    "Price",
    "Product",
    "Reconciliation",
    "Reversal",
    "StripeRequest",
    "StripeSetup",
    "StripeSubscription",
    "StripeTicket",
    "Subscription",
    "Trial",
    "WebhookEvent",
]
