"""How AI works: editorial sessions, turns, providers and the live stream."""

from django.apps import AppConfig


class OrchestrationConfig(AppConfig):
    """How AI works: editorial sessions, turns, providers and the live stream."""

    name = "orchestration"

    def ready(self) -> None:
        """Let `verify_ledger` prove the invariants of runs too, count what plans bound, tell the models."""
        from accounts import models_offered
        from billing import usage
        from credits import causes
        from credits.verification import register
        from orchestration import admission
        from orchestration.causes import describe_turns
        from orchestration.offers import offered_models
        from orchestration.verification import INVARIANTS

        models_offered.register(offered_models)
        usage.register("sessions_per_month", admission.sessions_used)
        usage.register("concurrent_jobs", admission.sessions_running)

        causes.register("turn", describe_turns)
        for invariant in INVARIANTS:
            register(invariant)
