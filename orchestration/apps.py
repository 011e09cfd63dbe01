"""How AI works: editorial sessions, turns, providers and the live stream."""

from django.apps import AppConfig


class OrchestrationConfig(AppConfig):
    """How AI works: editorial sessions, turns, providers and the live stream."""

    name = "orchestration"

    def ready(self) -> None:
        """Let `verify_ledger` prove the invariants of runs too, and count what the plans bound."""
        from billing import usage
        from credits import causes
        from credits.verification import register
        from orchestration import admission
        from orchestration.causes import describe_turns
        from orchestration.verification import INVARIANTS

        usage.register("concurrent_jobs", admission.sessions_running)

        causes.register("turn", describe_turns)
        for invariant in INVARIANTS:
            register(invariant)
