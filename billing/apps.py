"""Pays: plans, entitlements and subscriptions."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Pays: plans, entitlements and subscriptions."""

    name = "billing"

    def ready(self) -> None:
        """Listen to accounts, name plans and models where credits are shown, have plans verified."""
        from billing import receivers  # noqa: F401  models are there only now
        from billing.model_names import MODEL_NAME
        from billing.remedies import larger_plan
        from billing.verification import INVARIANTS
        from credits import remedies, shares
        from credits.verification import register

        remedies.register(larger_plan)
        shares.register_model_names(MODEL_NAME)
        for invariant in INVARIANTS:
            register(invariant)
