"""Pays: plans, entitlements and subscriptions."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Pays: plans, entitlements and subscriptions."""

    name = "billing"

    def ready(self) -> None:
        """Listen to accounts, and let `verify_ledger` prove the invariants of plans too."""
        from billing import receivers  # noqa: F401  models are there only now
        from billing.verification import INVARIANTS
        from credits.verification import register

        for invariant in INVARIANTS:
            register(invariant)
