"""Services that were bought, for operators: where each stands, and what carries it out."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from config.common.operators import LogAdmin, link_to
from orchestration.commissions import COMMISSIONS
from orchestration.models import ServiceOrder
from orchestration.workflow.terms import ENDED

State = ServiceOrder.State
_COLOURS = {
    State.WAITING.label: "warning",
    State.RUNNING.label: "primary",
    State.DONE.label: "success",
    State.CANCELLED.label: "danger",
}
_OVER = Q(session=None) | Q(session__status__in=ENDED)


class StateFilter(admin.SimpleListFilter):
    """Orders by where they stand."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every state."""
        return [(state.value, state.label) for state in State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ServiceOrder]) -> QuerySet[ServiceOrder]:
        """Keep what was asked for."""
        started = queryset.filter(started_at__isnull=False)
        match self.value():
            case State.WAITING:
                return queryset.filter(started_at=None, cancelled_at=None)
            case State.CANCELLED:
                return queryset.filter(cancelled_at__isnull=False)
            case State.DONE:
                return started.filter(_OVER)
            case State.RUNNING:
                return started.exclude(_OVER)
        return queryset


@admin.register(ServiceOrder)
class ServiceOrderAdmin(LogAdmin):
    """Everybody's orders."""

    list_display = ("created_at", "buyer", "what", "standing", "started_at", "paid_by")
    list_display_links = ("created_at",)
    list_filter = (StateFilter, "service")
    list_select_related = ("owner", "session", "payment")
    search_fields = ("owner__email",)
    ordering = ("-created_at",)
    fields = (
        "id", "buyer", "what", "standing", "credits", "paid_by", "carried_out_by", "created_at", "started_at",
        "cancelled_at",
    )  # fmt: skip
    readonly_fields = ("buyer", "what", "standing", "paid_by", "carried_out_by")

    @admin.display(description="Buyer", ordering="owner")
    def buyer(self, order: ServiceOrder) -> str:
        """Whose it is."""
        return link_to(order.owner)

    @admin.display(description="Service", ordering="service")
    def what(self, order: ServiceOrder) -> str:
        """What was bought."""
        return COMMISSIONS[order.service].title if order.service in COMMISSIONS else order.service

    @display(description="State", label=_COLOURS)
    def standing(self, order: ServiceOrder) -> str:
        """Where it stands."""
        return str(order.state.label)

    @admin.display(description="Payment")
    def paid_by(self, order: ServiceOrder) -> str:
        """The money that arrived for it."""
        return link_to(order.payment)

    @admin.display(description="Session")
    def carried_out_by(self, order: ServiceOrder) -> str:
        """What carries it out; a dash before."""
        return link_to(order.session)
