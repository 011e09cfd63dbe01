"""Pays: plans, entitlements and subscriptions."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Pays: plans, entitlements and subscriptions."""

    name = "billing"

    def ready(self) -> None:
        """Listen to accounts and the meter, bound avatars and keys, name plans and models, verify."""
        from functools import partial

        from accounts import avatar_room, key_gate
        from billing import (  # models are there only now
            api_keys,
            avatars,
            checks,
            payments,
            quotas,
            rates,
            receivers,  # noqa: F401
            reversals,
            subscribing,
            usage,
        )
        from billing.model_names import MODEL_NAME
        from billing.remedies import larger_plan
        from billing.verification import INVARIANTS
        from billing.verification_payments import PAYMENT_INVARIANTS
        from credits import remedies, shares
        from credits.verification import register

        checks.refuse_unsafe_settings()
        subscribing.register()
        payments.register()
        reversals.register()
        remedies.register(larger_plan)
        shares.register_model_names(MODEL_NAME)
        for invariant in (*INVARIANTS, *PAYMENT_INVARIANTS):
            register(invariant)
        for limit in quotas.METERED:
            usage.register(limit, partial(quotas.used, limit=limit))
        usage.register(rates.AI_REQUESTS, rates.asked)
        usage.register("avatar_creations", avatars.held)
        avatar_room.register(avatars.require_another)
        key_gate.register(api_keys.require_access)
