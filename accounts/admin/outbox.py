"""The outbox for operators: what was mailed, what waits, what failed and why; never what it says."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from accounts.models import Delivery, User
from accounts.notifications import outbox
from accounts.notifications.bell import ring
from accounts.notifications.kinds import RULES
from config.common.operators import LogAdmin, link_to, shortened


class KindFilter(admin.SimpleListFilter):
    """By what the mails are about, without reading the whole outbox for what there is."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All kinds."""
        return [(kind.value, rule.label) for kind, rule in RULES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Keep the mails of the chosen kind."""
        return queryset.filter(notification__kind=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(LogAdmin):
    """The mails of notices, and the alerts that go to the webhook."""

    list_display = (
        "created_at", "recipient", "kind", "standing", "attempts", "next_at", "sent_at", "problem",
    )  # fmt: skip
    list_filter = ("state", KindFilter, "created_at")
    list_select_related = ("notification__user", "alert")
    search_fields = ("=id", "=notification__id", "notification__user__email", "=notification__cause")
    ordering = ("-id",)
    actions = ("send_again",)
    fields = (
        "id", "recipient", "kind", "cause", "standing", "attempts", "next_at", "handed_at", "sent_at",
        "last_error", "created_at",
    )  # fmt: skip
    readonly_fields = ("recipient", "kind", "cause", "standing")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Whoever may change mails may have failed ones sent again; nothing else about them is theirs."""
        return cast(User, request.user).has_perm("accounts.change_delivery")

    @admin.action(description="Send failed mails again", permissions=("retry",))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Send what has failed once more; what was sent, or waits anyway, is left alone."""
        failed = queryset.filter(state=Delivery.State.FAILED)
        for delivery in failed:
            self.log_change(request, delivery, f"Sent again after: {delivery.last_error}")
        again = outbox.retry(failed)
        ring()
        if again:
            messages.success(request, f"{again} mail{'s' * (again > 1)} will be sent again within a minute.")
        else:
            messages.info(request, "None of the chosen mails has failed.")

    @admin.display(description="To")
    def recipient(self, delivery: Delivery) -> str:
        """Whose notice it is."""
        return link_to(delivery.notification.user) if delivery.notification else "The webhook"

    @admin.display(description="Kind", ordering="notification__kind")
    def kind(self, delivery: Delivery) -> str:
        """What it is about."""
        return delivery.notification.rule.label if delivery.notification else "Alert"

    @admin.display(description="Cause")
    def cause(self, delivery: Delivery) -> str:
        """What it was told for, once."""
        told = delivery.notification or delivery.alert
        return told.cause if told else "–"

    @display(
        description="State",
        ordering="state",
        label={
            Delivery.State.PENDING.label: "info",
            Delivery.State.SENT.label: "success",
            Delivery.State.FAILED.label: "danger",
        },
    )
    def standing(self, delivery: Delivery) -> str:
        """How far it has come, failures in red."""
        return delivery.get_state_display()

    @admin.display(description="Last error")
    def problem(self, delivery: Delivery) -> str:
        """Why it was not sent, or not at once."""
        return shortened(delivery.last_error) or "–"
