"""What operators asked for: all of it to read, and what waits for a second one to decide."""

from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.models import User
from config.common.errors import DomainError
from config.common.operators import link_to
from credits import corrections
from credits.admin.records import OwnedLog
from credits.models import Correction
from credits.models.correction import CorrectionQuerySet

MOST = 100
"""How many that wait the page shows, the oldest first."""


@admin.register(Correction)
class CorrectionAdmin(OwnedLog):
    """Every movement by hand, with who asked and who decided."""

    list_display = (
        "requested_at",
        "owner",
        "movement",
        "amount",
        "reason",
        "standing",
        "asked_by",
        "decided",
    )
    list_display_links = ("requested_at",)
    list_filter = ("state", "kind", "needs_approval", "requested_at")
    ordering = ("-requested_at",)
    fields = (
        "id", "owner", "movement", "amount", "expires_at", "reason", "standing", "needs_approval", "limit",
        "asked_by", "requested_at", "decided", "decided_at", "decision_note", "charge", "own_entry",
    )  # fmt: skip
    readonly_fields = ("owner", "movement", "standing", "asked_by", "decided", "charge", "own_entry")
    list_select_related: ClassVar[Any] = ("wallet__owner", "requested_by", "decided_by")

    def get_queryset(self, request: HttpRequest) -> CorrectionQuerySet:
        """Read the people with it."""
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_urls(self) -> list[URLPattern]:
        """Add what waits, and the decisions."""
        view = self.admin_site.admin_view
        return [
            path("waiting/", view(self.waiting), name="credits_correction_waiting"),
            path(
                "<uuid:correction_id>/decide/",
                view(require_POST(self.decide)),
                name="credits_correction_decide",
            ),
            *super().get_urls(),
        ]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whoever may decide on what others asked for."""
        return request.user.has_perm("credits.approve_correction")

    def waiting(self, request: HttpRequest) -> HttpResponse:
        """Show what waits for a second operator."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Waiting for approval",
            "rows": self.get_queryset(request).pending().order_by("requested_at")[:MOST],
            "me": request.user.pk,
            "may_decide": self.has_decide_permission(request),
        }
        return TemplateResponse(request, "admin/credits/correction/waiting.html", context)

    def decide(self, request: HttpRequest, correction_id: UUID) -> HttpResponse:
        """Approve, reject or withdraw one, and say what came of it."""
        actor, act = cast(User, request.user), request.POST.get("act", "")
        if act in ("approve", "reject") and not self.has_decide_permission(request):
            raise PermissionDenied
        try:
            if act == "approve":
                decided = corrections.approve(correction_id=correction_id, actor=actor)
            elif act == "reject":
                note = request.POST.get("note", "")
                decided = corrections.reject(correction_id=correction_id, actor=actor, note=note)
            else:
                decided = corrections.withdraw(correction_id=correction_id, actor=actor)
        except DomainError as error:
            messages.warning(request, error.message)
        else:
            messages.success(request, f"{decided}: {decided.get_state_display().lower()}.")
        return redirect("admin:credits_correction_waiting")

    @display(
        description="Kind",
        label={
            Correction.Kind.GRANT.label: "success",
            Correction.Kind.REFUND.label: "success",
            Correction.Kind.TAKE.label: "danger",
        },
    )
    def movement(self, correction: Correction) -> str:
        """Which way the credits go."""
        return correction.get_kind_display()

    @display(
        description="State",
        ordering="state",
        label={
            Correction.State.PENDING.label: "warning",
            Correction.State.APPLIED.label: "success",
            Correction.State.REJECTED.label: "danger",
        },
    )
    def standing(self, correction: Correction) -> str:
        """What became of it."""
        return correction.get_state_display()

    @admin.display(description="Asked by")
    def asked_by(self, correction: Correction) -> str:
        """The operator who asked."""
        return _person(correction.requested_by, correction.requested_by_id)

    @admin.display(description="Decided by")
    def decided(self, correction: Correction) -> str:
        """The second operator; a dash where none was needed."""
        return _person(correction.decided_by, correction.decided_by_id)

    @admin.display(description="Charge")
    def charge(self, correction: Correction) -> str:
        """The charge of which it gives back."""
        return link_to(correction.refunded_entry)

    @admin.display(description="Entry")
    def own_entry(self, correction: Correction) -> str:
        """The journal's line that it made."""
        return link_to(correction.entry)


def _person(user: User | None, user_id: UUID | None) -> str:
    """Return the way to an operator's account; the bare id where it is no more."""
    return link_to(user) if user else str(user_id or "–")
