"""The account of the shop itself."""

from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World

ACCOUNT: Object = {
    "id": "acct_sandboxAtelier01",
    "object": "account",
    "business_profile": {
        "annual_revenue": None,
        "estimated_worker_count": None,
        "mcc": None,
        "minority_owned_business_designation": None,
        "name": "Atelier",
        "product_description": None,
        "support_address": None,
        "support_email": None,
        "support_phone": None,
        "support_url": None,
        "url": None,
    },
    "business_type": "company",
    "charges_enabled": True,
    "country": "US",
    "created": 1735689600,
    "default_currency": "usd",
    "details_submitted": True,
    "email": "studio@localhost",
    "metadata": {},
    "payouts_enabled": True,
    "type": "standard",
}


def retrieve(world: World, params: Params, **ids: str) -> Object:
    """Answer the account."""
    return ACCOUNT
