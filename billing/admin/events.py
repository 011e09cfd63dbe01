"""Stripe's events and the comparisons with it, for operators: to read, and to have events applied again."""

import json
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from unfold.decorators import action, display

from accounts.admin import ReasonForm
from accounts.models import User
from billing import events
from billing.models import Difference, Reconciliation, WebhookEvent
from billing.standing import standing
from config.common.errors import DomainError
from config.common.operators import LogAdmin, ReadOnlyInline, link_to, page_of, shortened

NBSP = "\N{NO-BREAK SPACE}"


@admin.register(WebhookEvent)
class WebhookEventAdmin(LogAdmin):
    """What Stripe told, and what became of it."""

    list_display = ("received_at", "type", "object_id", "standing", "attempts", "problem")
    list_filter = ("state", "livemode", "received_at")
    list_before_template = "admin/billing/webhookevent/_standing.html"
    search_fields = ("=id", "=object_id", "=type")
    ordering = ("-received_at",)
    actions_detail = ("replay_one",)
    fields = (
        "id", "type", "object_id", "livemode", "created", "received_at", "standing", "attempts",
        "is_at_work", "next_attempt_at", "applied_at", "traceback", "told",
    )  # fmt: skip
    readonly_fields = ("standing", "traceback", "told")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEvent]:
        """Leave the bodies in the database where only a list is shown."""
        return super().get_queryset(request).defer("body")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Say above the list what waits."""
        return super().changelist_view(request, {**(extra_context or {}), "news": standing()})

    def has_replay_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may change events may have one applied again that means something here."""
        if not request.user.has_perm("billing.change_webhookevent"):
            return False
        ignored = WebhookEvent.objects.filter(pk=unquote(object_id or ""), state=WebhookEvent.State.IGNORED)
        return not object_id or not ignored.exists()

    @action(description="Apply it again…", url_path="replay", permissions=("replay",), icon="replay")
    def replay_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason first; then have it applied once more, in the operator's name."""
        event = get_object_or_404(self.get_queryset(request), pk=unquote(object_id))
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            try:
                events.replay_one(
                    event=event, actor=cast(User, request.user), reason=form.cleaned_data["reason"]
                )
            except DomainError as error:
                messages.warning(request, error.message)
            else:
                messages.success(request, "A worker applies the event once more, within a minute.")
            return redirect(page_of(event))
        context = {
            **self.admin_site.each_context(request),
            "title": "Apply it again",
            "event": event,
            "back": page_of(event),
            "form": form,
        }
        return TemplateResponse(request, "admin/billing/webhookevent/replay.html", context)

    @display(
        description="State",
        ordering="state",
        label={
            WebhookEvent.State.WAITING.value: "info",
            WebhookEvent.State.APPLIED.value: "success",
            WebhookEvent.State.FAILED.value: "danger",
        },
    )
    def standing(self, event: WebhookEvent) -> str:
        """How far it has come in a word, failures in red."""
        return event.state

    @admin.display(description="Last error")
    def problem(self, event: WebhookEvent) -> str:
        """How the last attempt ended, in a line."""
        return shortened(event.error.strip().rpartition("\n")[2]) or "–"

    @admin.display(description="How the last attempt failed")
    def traceback(self, event: WebhookEvent) -> str:
        """All of it, as it was raised."""
        return _written(event.error) if event.error else "–"

    @admin.display(description="What Stripe sent")
    def told(self, event: WebhookEvent) -> str:
        """The body, laid out."""
        return _written(json.dumps(event.body, indent=2, ensure_ascii=False))


class DifferenceInline(ReadOnlyInline):
    """What a comparison found."""

    model = Difference
    fields = ("what", "object_id", "ours", "theirs", "is_repaired", "error")


@admin.register(Reconciliation)
class ReconciliationAdmin(LogAdmin):
    """When we compared ourselves with Stripe, and how that went."""

    list_display = ("started_at", "kind", "standing", "since", "compared", "found", "open", "finished_at")
    list_filter = ("kind", "state", "started_at")
    ordering = ("-started_at",)
    inlines = (DifferenceInline,)
    fields = ("kind", "standing", "since", "started_at", "finished_at", "compared", "error")
    readonly_fields = ("standing",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reconciliation]:
        """Count what was found in the same query."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                found=Count("differences"),
                open=Count("differences", filter=Q(differences__is_repaired=False)),
            )
        )

    @display(
        description="State",
        ordering="state",
        label={
            Reconciliation.State.RUNNING.label: "info",
            Reconciliation.State.DONE.label: "success",
            Reconciliation.State.FAILED.label: "danger",
        },
    )
    def standing(self, run: Reconciliation) -> str:
        """How it went, failures in red."""
        return run.get_state_display()

    @admin.display(description="Differences")
    def found(self, run: Reconciliation) -> int:
        """How many differences there were."""
        return run.found  # type: ignore[attr-defined]

    @admin.display(description="Not repaired")
    def open(self, run: Reconciliation) -> int:
        """How many of them stand."""
        return run.open  # type: ignore[attr-defined]


@admin.register(Difference)
class DifferenceAdmin(LogAdmin):
    """Whatever ever stood otherwise here than at Stripe."""

    list_display = ("id", "what", "object_id", "ours", "theirs", "is_repaired", "run")
    list_filter = ("is_repaired", "what")
    list_select_related = ("reconciliation",)
    search_fields = ("=object_id",)
    ordering = ("-id",)
    fields = ("run", "what", "object_id", "ours", "theirs", "is_repaired", "error")
    readonly_fields = ("run",)

    @admin.display(description="Comparison")
    def run(self, difference: Difference) -> str:
        """The comparison that found it."""
        return link_to(difference.reconciliation)


def _written(text: str) -> str:
    """Return text line by line, indented as it is; a long line goes on in the next where there is no room."""
    lines = ((line.replace(" ", NBSP, len(line) - len(line.lstrip())),) for line in text.splitlines())
    return format_html('<div class="font-mono text-xs">{}</div>', format_html_join("", "{}<br>", lines))
