"""The audit log for operators: to read, and to search by whose act or account it is."""

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import AuditEntry, User
from config.common.operators import LogAdmin, link

_MOST_PEOPLE = 200


@admin.register(AuditEntry)
class AuditAdmin(LogAdmin):
    """Every act of an operator, newest first."""

    list_display = ("at", "who", "act", "on_whom", "reason", "address")
    list_display_links = ("at",)
    list_filter = ("act", "at")
    search_fields = ("person",)
    search_help_text = "The e-mail address, or a part of it, of whoever acted or whose account it was"
    ordering = ("-id",)
    sortable_by: ClassVar[Any] = ()  # any other order would sort the whole log
    fields = (
        "id", "at", "who", "act", "subject", "on_whom", "reason", "change_before", "change_after", "address",
    )  # fmt: skip
    readonly_fields = ("who", "subject", "on_whom", "change_before", "change_after")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """Read the people's addresses in the same query."""
        return super().get_queryset(request).with_names()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Keep the acts of, and on, users whose address has `search_term` in it: of the first 200 of them."""
        if not search_term.strip():
            return queryset, False
        found = User.objects.filter(email__icontains=search_term.strip()).order_by("email")
        people = list(found.values_list("pk", flat=True)[:_MOST_PEOPLE])
        return queryset.filter(Q(actor_id__in=people) | Q(user_id__in=people)), False

    @admin.display(description="Who")
    def who(self, entry: AuditEntry) -> str:
        """Who acted."""
        if entry.actor_id is None:
            return "the studio itself"
        return _person(entry.actor_id, entry.actor_email)  # type: ignore[attr-defined]

    @admin.display(description="On whom")
    def on_whom(self, entry: AuditEntry) -> str:
        """Whose account it concerns."""
        return _person(entry.user_id, entry.user_email) if entry.user_id else "–"  # type: ignore[attr-defined]

    @admin.display(description="Subject")
    def subject(self, entry: AuditEntry) -> str:
        """What it was done to."""
        return f"{entry.subject_kind} {entry.subject_id}"

    @admin.display(description="Before")
    def change_before(self, entry: AuditEntry) -> str:
        """What was so before."""
        return _document(entry.before)

    @admin.display(description="After")
    def change_after(self, entry: AuditEntry) -> str:
        """What is so since."""
        return _document(entry.after)


def _person(user_id: Any, email: str | None) -> str:
    """Return the address with the way to the account; the bare id of one that is no more."""
    if email is None:
        return str(user_id)
    return link(reverse("admin:accounts_user_change", args=[user_id]), email)


def _document(values: dict[str, Any]) -> str:
    if not values:
        return "–"
    return format_html("<code>{}</code>", json.dumps(values, ensure_ascii=False, sort_keys=True))
