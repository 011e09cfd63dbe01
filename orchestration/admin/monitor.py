"""The session monitor: what runs now, who works on it, and what nobody works on any more."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from orchestration.models import Session, Turn
from orchestration.runtime.timing import LEASE_SECONDS
from orchestration.workflow.terms import Status, TurnStatus

TURN_COLUMNS = (
    "Session", "Owner", "Turn", "Model", "State", "Worker", "Attempt", "Crashes", "Last sign of life",
    "Lease", "Holds",
)  # fmt: skip
SESSION_COLUMNS = ("Session", "Owner", "Document", "Status", "Round", "Spent", "Held", "Started")
MOST = 200
"""How many rows of each kind the page shows; the counts above them are whole."""
LATE_SECONDS = 30
"""How long a turn may wait for a worker before it is told in red."""


def monitor(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Render the page, or for htmx the part that changes."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    context = {
        "figures": _figures(),
        "turns": _turns(),
        "turn_columns": TURN_COLUMNS,
        "sessions": _sessions(),
        "session_columns": SESSION_COLUMNS,
        "most": MOST,
    }
    if request.headers.get("HX-Request"):
        return TemplateResponse(request, "admin/orchestration/session/_monitor.html", context)
    page = {**model_admin.admin_site.each_context(request), "title": "What runs now", "opts": Session._meta}
    return TemplateResponse(request, "admin/orchestration/session/monitor.html", {**page, **context})


def _figures() -> dict[str, int]:
    """Count what is active; both queries read partial indexes over nothing else."""
    sessions = Session.objects.active().aggregate(
        running=Count("pk", filter=Q(status=Status.RUNNING)),
        awaiting=Count("pk", filter=Q(status=Status.AWAITING_CREDITS)),
    )
    turns = Turn.objects.active().aggregate(
        queued=Count("pk", filter=Q(status=TurnStatus.QUEUED)),
        working=Count("pk", filter=Q(status=TurnStatus.RUNNING, lease_until__gte=Now())),
        dead=Count("pk", filter=Q(status=TurnStatus.RUNNING, lease_until__lt=Now())),
    )
    return {**sessions, **turns}


def _turns() -> list[dict[str, Any]]:
    """The turns that a worker has or may take, those without a sign of life first."""
    return [_row(turn) for turn in _active_turns()[:MOST]]


def _active_turns() -> QuerySet[Turn]:
    """Active turns with `quiet` (since it was queued, or past its lease) and the dead ones first."""
    queued = When(status=TurnStatus.QUEUED, then=F("created_at"))
    since = Case(queued, default=F("lease_until"), output_field=DateTimeField())
    quiet = ExpressionWrapper(Now() - since, output_field=DurationField())
    found = Turn.objects.active().select_related("role", "session__owner").annotate(quiet=quiet)
    ordered = found.order_by(F("lease_until").asc(nulls_last=True), "created_at")
    return ordered.defer("partial", "output", "summary", "evaluation")


def _row(turn: Turn) -> dict[str, Any]:
    """Return a turn with the seconds since its last sign of life, by the database's clock."""
    queued = turn.status == TurnStatus.QUEUED
    quiet = turn.quiet.total_seconds()  # type: ignore[attr-defined]
    return {
        "turn": turn,
        "session": turn.session,
        "is_queued": queued,
        "is_dead": not queued and quiet > 0,
        "is_late": queued and quiet > LATE_SECONDS,
        "waited": quiet if queued else None,
        "heartbeat": None if queued else max(0.0, quiet + LEASE_SECONDS),
        "lease": None if queued else -quiet,
    }


def _sessions() -> list[Session]:
    """The sessions that run or wait for credits, the longest first."""
    found = Session.objects.active().with_held().select_related("owner", "document")
    return list(found.defer("instructions").order_by("started_at")[:MOST])
