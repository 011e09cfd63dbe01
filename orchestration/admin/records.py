"""Turns, findings and calls to providers for operators: how they went, never what was written."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from config.common.operators import LogAdmin, link_to, shortened
from orchestration.models import AIRequest, Finding, Turn
from orchestration.workflow.terms import FindingStatus, Severity, TurnStatus

TURN_COLOURS = {
    TurnStatus.QUEUED.label: "info",
    TurnStatus.RUNNING.label: "primary",
    TurnStatus.SUSPENDED.label: "warning",
    TurnStatus.FINISHED.label: "success",
    TurnStatus.FAILED.label: "danger",
}


@admin.register(Turn)
class TurnAdmin(LogAdmin):
    """Every agent's work: on what, how it came out, what it cost."""

    list_display = (
        "name", "of_session", "owner", "standing", "cause", "model", "attempt", "credits", "created_at",
    )  # fmt: skip
    list_filter = ("status", "phase", "is_superseded", "created_at")
    list_select_related = ("session__owner", "role")
    search_fields = ("=id", "=session__id", "session__owner__email", "model")
    ordering = ("-created_at",)
    fields = (
        "id", "of_session", "owner", "name", "round", "phase", "provider", "model", "multiplier",
        "standing", "outcome", "reason", "is_superseded",
        "attempt", "crashes", "worker", "lease_until",
        "base_number", "version_number", "evaluation_tier", "score", "is_readable",
        "tokens_in", "tokens_out", "hold_amount", "is_short", "max_output", "credits", "absorbed",
        "created_at", "started_at", "finished_at",
    )  # fmt: skip
    readonly_fields = ("of_session", "owner", "name", "standing")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Turn]:
        """Leave the texts in the database."""
        return super().get_queryset(request).defer("partial", "output", "summary", "evaluation")

    @admin.display(description="Turn")
    def name(self, turn: Turn) -> str:
        """Whose, and in which round."""
        return f"{turn.role.label}, round {turn.round}"

    @admin.display(description="Session")
    def of_session(self, turn: Turn) -> str:
        """The session it belongs to."""
        return link_to(turn.session)

    @admin.display(description="Owner")
    def owner(self, turn: Turn) -> str:
        """Whose session it is."""
        return link_to(turn.session.owner)

    @display(description="Status", ordering="status", label=TURN_COLOURS)
    def standing(self, turn: Turn) -> str:
        """Where it stands, failures in red."""
        return turn.get_status_display()

    @admin.display(description="Cause")
    def cause(self, turn: Turn) -> str:
        """Why it ended so."""
        return shortened(turn.reason) or "–"


@admin.register(AIRequest)
class AIRequestAdmin(LogAdmin):
    """The calls to model providers: how long, how much, what went wrong."""

    list_display = (
        "created_at", "provider", "model", "answered", "error", "latency_ms", "first_token_ms",
        "tokens_in", "tokens_out", "cost_usd",
    )  # fmt: skip
    list_filter = ("status", "is_exact", "created_at")
    search_fields = ("=id", "=turn__id", "=turn__session__id", "model")
    ordering = ("-created_at",)
    fields = (
        "id", "of_turn", "of_session", "attempt", "provider", "model", "answered", "error",
        "latency_ms", "first_token_ms", "tokens_in", "tokens_out", "is_exact", "cost_usd",
        "prompt_hash", "prompt_preview", "response_hash", "context", "created_at",
    )  # fmt: skip
    readonly_fields = ("of_turn", "of_session", "answered")

    @admin.display(description="Turn")
    def of_turn(self, call: AIRequest) -> str:
        """The turn that asked."""
        return link_to(call.turn)

    @admin.display(description="Session")
    def of_session(self, call: AIRequest) -> str:
        """The session it asked for."""
        return link_to(call.turn.session if call.turn else None)

    @display(
        description="Status",
        ordering="status",
        label={
            AIRequest.Status.OK.label: "success",
            AIRequest.Status.FAILED.label: "danger",
            AIRequest.Status.CANCELLED.label: "warning",
            AIRequest.Status.LOST.label: "danger",
        },
    )
    def answered(self, call: AIRequest) -> str:
        """How it came out, failures in red."""
        return call.get_status_display()


@admin.register(Finding)
class FindingAdmin(LogAdmin):
    """What editors asked for and what became of it, without the passages."""

    list_display = ("number", "of_session", "owner", "category", "grade", "state", "message", "resolution")
    list_filter = ("status", "severity")
    list_select_related = ("session__owner",)
    search_fields = ("=id", "=session__id", "session__owner__email")
    ordering = ("-turn__created_at", "number")
    fields = (
        "id", "of_session", "owner", "of_turn", "number", "category", "grade", "state", "message",
        "version_number", "resolution", "resolved_by", "merged_into",
    )  # fmt: skip
    readonly_fields = ("of_session", "owner", "of_turn", "grade", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Finding]:
        """Leave the passages in the database."""
        return super().get_queryset(request).defer("quote", "suggestion")

    @admin.display(description="Session")
    def of_session(self, finding: Finding) -> str:
        """The session it was made in."""
        return link_to(finding.session)

    @admin.display(description="Owner")
    def owner(self, finding: Finding) -> str:
        """Whose session it is."""
        return link_to(finding.session.owner)

    @admin.display(description="Turn")
    def of_turn(self, finding: Finding) -> str:
        """The turn that made it."""
        return link_to(finding.turn)

    @display(
        description="Severity",
        ordering="severity",
        label={Severity.MODERATE.label: "warning", Severity.MAJOR.label: "danger"},
    )
    def grade(self, finding: Finding) -> str:
        """How much it matters."""
        return finding.get_severity_display()

    @display(
        description="Status",
        ordering="status",
        label={
            FindingStatus.OPEN.label: "info",
            FindingStatus.ACCEPTED.label: "success",
            FindingStatus.APPLIED.label: "success",
        },
    )
    def state(self, finding: Finding) -> str:
        """What became of it."""
        return finding.get_status_display()
