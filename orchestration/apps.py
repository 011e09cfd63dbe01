"""How AI works: editorial sessions, turns, providers and the live stream."""

from django.apps import AppConfig


class OrchestrationConfig(AppConfig):
    """How AI works: editorial sessions, turns, providers and the live stream."""

    name = "orchestration"

    def ready(self) -> None:
        """Let `verify_ledger` prove what holds of runs, count what plans bound, hear of credits."""
        from accounts import models_offered
        from billing import usage
        from billing.payments import fulfilment
        from credits import causes, shares
        from credits.verification import register
        from orchestration import admission, receivers  # noqa: F401 - receivers connect themselves
        from orchestration.causes import (
            describe_turns,
            document_scope,
            recent_documents,
            recent_sessions,
            session_scope,
        )
        from orchestration.offers import offered_models
        from orchestration.orders import pages_of_orders
        from orchestration.shares import divide_turns
        from orchestration.verification import INVARIANTS

        models_offered.register(offered_models)
        usage.register("concurrent_jobs", admission.sessions_running)
        fulfilment.register(pages_of_orders)

        causes.register("turn", describe_turns)
        shares.register("turn", divide_turns)
        causes.register_scope("document", document_scope, recent_documents)
        causes.register_scope("session", session_scope, recent_sessions)
        for invariant in INVARIANTS:
            register(invariant)
