"""What is sold and who has it."""

from billing.models.catalogue import AgentPrice, CatalogueVersion, ModelPrice, Product
from billing.models.plan import Plan, PlanTerms, Price
from billing.models.request import StripeRequest
from billing.models.setup import StripeSetup
from billing.models.subscription import FreeGrant, Subscription

__all__ = [
    "AgentPrice",
    "CatalogueVersion",
    "FreeGrant",
    "ModelPrice",
    "Plan",
    "PlanTerms",
    "Price",
    "Product",
    "StripeRequest",
    "StripeSetup",
    "Subscription",
]
