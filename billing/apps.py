"""Pays: plans, entitlements and subscriptions."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Pays: plans, entitlements and subscriptions."""

    name = "billing"

    def ready(self) -> None:
        """Listen to accounts and the meter, count what it counts, let `verify_ledger` prove plans too."""
        from functools import partial

        from billing import quotas, rates, receivers, usage  # noqa: F401  models are there only now
        from billing.verification import INVARIANTS
        from credits.verification import register

        for invariant in INVARIANTS:
            register(invariant)
        for limit in quotas.METERED:
            usage.register(limit, partial(quotas.used, limit=limit))
        usage.register(rates.AI_REQUESTS, rates.asked)
