"""What is sold and who has it."""

from billing.models.catalogue import AgentPrice, CatalogueVersion, ModelPrice, Product
from billing.models.payment import Payment
from billing.models.plan import Plan, PlanTerms, Price
from billing.models.stripe_subscription import StripeSubscription
from billing.models.subscription import FreeGrant, Subscription, Trial

__all__ = [
    "AgentPrice",
    "CatalogueVersion",
    "FreeGrant",
    "ModelPrice",
    "Payment",
    "Plan",
    "PlanTerms",
    "Price",
    "Product",
    "StripeSubscription",
    "Subscription",
    "Trial",
]
