"""What was asked of Stripe, for operators: what became of it, and what still hangs."""

from django.contrib import admin

from billing.models import StripeRequest
from config.common.operators import LogAdmin, shortened


@admin.register(StripeRequest)
class StripeRequestAdmin(LogAdmin):
    """Every change at Stripe that the studio asked for, written down before it was sent."""

    list_display = ("operation", "state", "user", "result_id", "why", "created_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_fields = ("key", "operation", "target", "result_id")
    fields = (
        "operation", "state", "user", "key", "id", "target", "parameters", "result_id",
        "error", "error_code", "is_declined", "created_at", "sent_at", "finished_at",
    )  # fmt: skip

    @admin.display(description="Error")
    def why(self, request: StripeRequest) -> str:
        """Why it was refused, as the list has room for it."""
        return shortened(request.error)
