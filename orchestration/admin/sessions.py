"""Editorial sessions for operators: find one, see why it failed, stop, cancel or retry it, free its holds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.decorators import action, display

from accounts.admin import ReasonForm
from accounts.models import User
from config.common.errors import DomainError
from config.common.operators import LogAdmin, ReadOnlyInline, link_to, shortened
from orchestration.admin.accuracy import accuracy
from orchestration.admin.monitor import monitor
from orchestration.admin.records import TURN_COLOURS
from orchestration.books import entries_of
from orchestration.models import Finding, Note, Session, SessionRole, Turn
from orchestration.services import cancel_for_studio, release_dead, retry_for_studio, stop_for_studio
from orchestration.workflow.terms import Status

STATUS_COLOURS = {
    Status.RUNNING.label: "primary",
    Status.PAUSED.label: "warning",
    Status.AWAITING_CREDITS.label: "warning",
    "Waiting at its cap": "warning",
    "Waiting for the next month": "warning",
    Status.AWAITING_REVIEW.label: "info",
    Status.COMPLETED.label: "success",
    Status.FAILED.label: "danger",
}


@dataclass(frozen=True, slots=True)
class Act:
    """Something an operator may do to sessions: the verb, and how it is told before and after."""

    verb: Callable[..., object]
    button: str
    title: str
    meaning: str
    done: str
    is_told: bool = True
    """Whether the session's owner reads the reason."""


ACTS = {
    "stop": Act(
        stop_for_studio,
        "Stop",
        "Stop sessions",
        "The agents stop within a few words. Everything written is kept and charged; what is held above that "
        "returns.",
        "stopped",
    ),
    "cancel": Act(
        cancel_for_studio,
        "Cancel at once",
        "Cancel sessions",
        "The sessions end here and now. What the agents are at work on costs their owners nothing, and is "
        "the studio’s expense; what was written is kept, and everything held returns.",
        "cancelled",
    ),
    "retry": Act(
        retry_for_studio,
        "Retry",
        "Run again what failed",
        "The turns that failed begin again, on the same models, and the sessions go on from there. It costs "
        "their owners what these turns cost.",
        "running again",
        is_told=False,
    ),
    "release": Act(
        release_dead,
        "Release",
        "Release what sessions hold",
        "For sessions that no worker works on any more. Their open turns end at no cost, what they hold "
        "returns to their owners, and what was written is kept.",
        "released",
    ),
}

LINE_COLUMNS = ("Line", "Kind", "For", "Amount", "Held", "Hold", "Hold is", "When")


class RoleInline(ReadOnlyInline):
    """The team."""

    model = SessionRole
    verbose_name_plural = "Team"
    fields = ("label", "role", "provider", "model", "temperature", "multiplier")


class TurnInline(ReadOnlyInline):
    """What each agent did, without what it wrote."""

    model = Turn
    fields = (
        "round", "agent", "model", "standing", "outcome", "reason", "attempt", "hold_amount", "credits",
    )  # fmt: skip
    readonly_fields = fields
    ordering = ("round", "phase", "created_at")
    show_change_link = True
    per_page = 25

    def get_queryset(self, request: HttpRequest) -> QuerySet[Turn]:
        """Leave the texts in the database."""
        found = super().get_queryset(request).select_related("role", "session")
        return found.defer("partial", "output", "summary", "evaluation")

    @admin.display(description="Agent")
    def agent(self, turn: Turn) -> str:
        """Whose turn it was."""
        return turn.role.label

    @display(description="Status", label=TURN_COLOURS)
    def standing(self, turn: Turn) -> str:
        """Where it stands."""
        return turn.get_status_display()


class FindingInline(ReadOnlyInline):
    """What editors asked for, without the passages."""

    model = Finding
    fk_name = "session"
    fields = ("number", "category", "severity", "status", "message", "resolution")
    readonly_fields = fields
    show_change_link = True
    per_page = 25

    def get_queryset(self, request: HttpRequest) -> QuerySet[Finding]:
        """Leave the passages in the database."""
        return super().get_queryset(request).defer("quote", "suggestion")


class NoteInline(ReadOnlyInline):
    """What the owner told the team."""

    model = Note
    fields = ("round", "text", "author", "created_at")
    readonly_fields = fields
    per_page = 25

    def get_queryset(self, request: HttpRequest) -> QuerySet[Note]:
        """Read the authors with them."""
        return super().get_queryset(request).select_related("author")


@admin.register(Session)
class SessionAdmin(LogAdmin):
    """Every session; the only changes are an operator's acts, each with a reason that is kept."""

    list_display = (
        "title", "of_owner", "of_document", "standing", "cause", "progress", "spent", "held", "started_at",
    )  # fmt: skip
    list_filter = ("status", "started_at")
    search_fields = ("=id", "title", "owner__email")
    ordering = ("-created_at",)
    inlines = (TurnInline, FindingInline, NoteInline, RoleInline)
    actions = ("retry_sessions", "stop_sessions", "cancel_sessions", "release_sessions")
    actions_detail = ("retry_one", "stop_one", "cancel_one", "release_one")
    change_form_template = "admin/orchestration/session/change_form.html"
    fields = (
        "id", "of_owner", "of_document", "title", "standing", "wish", "reason_code", "reason",
        "progress", "spent", "held", "quoted", "cap_credits", "needed_credits",
        "weighted_tokens", "expected_tokens", "approve_rounds", "score_threshold",
        "created_at", "started_at", "ended_at",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        """Read owner, document and what each holds in the same query."""
        return super().get_queryset(request).select_related("owner", "document", "quote").with_held()

    def get_urls(self) -> list[URLPattern]:
        """Add the monitor, and how well estimates came true."""
        view = self.admin_site.admin_view
        return [
            path("monitor/", view(self.watch), name="orchestration_session_monitor"),
            path("estimates/", view(self.compare), name="orchestration_session_estimates"),
            *super().get_urls(),
        ]

    def has_operate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change sessions may act on them; the rows themselves nobody edits."""
        return request.user.has_perm("orchestration.change_session")

    def has_retry_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may act on sessions may retry one that has failed."""
        failed = Session.objects.filter(pk=object_id, status=Status.FAILED)
        return self.has_operate_permission(request) and (not object_id or failed.exists())

    def watch(self, request: HttpRequest) -> HttpResponse:
        """Show what runs now."""
        return monitor(self, request)

    def compare(self, request: HttpRequest) -> HttpResponse:
        """Show what was quoted beside what was taken."""
        return accuracy(self, request)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Session | None = None,
    ) -> Any:
        """Add the ledger's lines to the page of a session."""
        context.update(lines=entries_of(obj) if obj else [], line_columns=LINE_COLUMNS)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="Owner", ordering="owner__email")
    def of_owner(self, session: Session) -> str:
        """Whose it is."""
        return link_to(session.owner, session.owner.email)

    @admin.display(description="Document")
    def of_document(self, session: Session) -> str:
        """What it works on."""
        return link_to(session.document)

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def standing(self, session: Session) -> str:
        """Where it stands, failures in red."""
        return session.status_text

    @admin.display(description="Cause")
    def cause(self, session: Session) -> str:
        """Why it ended or waits."""
        return shortened(session.reason) or "–"

    @admin.display(description="Round", ordering="round")
    def progress(self, session: Session) -> str:
        """How far it came."""
        if session.status == Status.DRAFT:
            return "–"
        return f"{session.round} of {session.max_rounds}, {session.get_phase_display()}"

    @admin.display(description="Quoted")
    def quoted(self, session: Session) -> str:
        """What its owner was told at the start."""
        quote = getattr(session, "quote", None)
        if quote is None:
            return "–"
        return f"{quote}, {quote.expected} in the mean, {quote.most} at most"

    @admin.display(description="Held")
    def held(self, session: Session) -> int:
        """Credits that its open turns hold."""
        return session.held  # type: ignore[attr-defined]

    @admin.action(description="Stop…", permissions=("operate",))
    def stop_sessions(self, request: HttpRequest, queryset: QuerySet[Session]) -> HttpResponse | None:
        """Stop sessions, with a reason their owners read."""
        return self._with_reason(request, list(queryset), "stop")

    @admin.action(description="Cancel at once…", permissions=("operate",))
    def cancel_sessions(self, request: HttpRequest, queryset: QuerySet[Session]) -> HttpResponse | None:
        """End sessions at once, with a reason their owners read."""
        return self._with_reason(request, list(queryset), "cancel")

    @admin.action(description="Retry what failed…", permissions=("operate",))
    def retry_sessions(self, request: HttpRequest, queryset: QuerySet[Session]) -> HttpResponse | None:
        """Run again what failed, with a reason that is kept."""
        return self._with_reason(request, list(queryset), "retry")

    @admin.action(description="Release what they hold…", permissions=("operate",))
    def release_sessions(self, request: HttpRequest, queryset: QuerySet[Session]) -> HttpResponse | None:
        """Free what dead sessions hold, with a reason their owners read."""
        return self._with_reason(request, list(queryset), "release")

    @action(description="Stop…", url_path="stop", permissions=("operate",), icon="stop_circle")
    def stop_one(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Stop this session."""
        return self._one(request, object_id, "stop")

    @action(description="Cancel at once…", url_path="cancel", permissions=("operate",), icon="cancel")
    def cancel_one(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """End this session at once."""
        return self._one(request, object_id, "cancel")

    @action(description="Retry…", url_path="retry", permissions=("retry",), icon="replay")
    def retry_one(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Run again what failed in this session."""
        return self._one(request, object_id, "retry")

    @action(description="Release…", url_path="release", permissions=("operate",), icon="lock_open")
    def release_one(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Free what this session holds."""
        return self._one(request, object_id, "release")

    def _one(self, request: HttpRequest, object_id: UUID, act: str) -> HttpResponse:
        session = get_object_or_404(self.get_queryset(request), pk=object_id)
        answer = self._with_reason(request, [session], act)
        return answer or redirect("admin:orchestration_session_change", session.pk)

    def _with_reason(self, request: HttpRequest, sessions: list[Session], name: str) -> HttpResponse | None:
        """Ask for the reason first; then act on each, and write operator and reason into its history."""
        act = ACTS[name]
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        told = "The session's owner reads it. " if act.is_told else ""
        form.fields["reason"].help_text = f"{told}Kept in the history, with your name."
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "opts": self.model._meta,
                "title": act.title,
                "name": name,
                "act": act,
                "chosen": sessions,
                "form": form,
            }
            return TemplateResponse(request, "admin/orchestration/session/reason.html", context)
        reason = form.cleaned_data["reason"]
        done = [session for session in sessions if self._act(request, session, act, reason)]
        if done:
            messages.success(request, f"{len(done)} session{'s' * (len(done) > 1)} {act.done}.")
        return None

    def _act(self, request: HttpRequest, session: Session, act: Act, reason: str) -> bool:
        try:
            with transaction.atomic():
                act.verb(session_id=session.pk, reason=reason, actor=cast(User, request.user))
                self.log_change(request, cast(Model, session), f"{act.done}: {reason}")
        except DomainError as error:
            messages.warning(request, error.message)
            return False
        return True
