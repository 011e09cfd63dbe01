"""What every page of the operators' admin stands on: rows to read, long logs, links from one to another."""

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline

from config.common.paginator import CappedPaginator

CAUSE_LENGTH = 120
_LOOK = "text-primary-600 dark:text-primary-400"


class ReadOnly:
    """Rows that only services write."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes here."""
        return False


class ReadOnlyAdmin(ReadOnly, ModelAdmin):
    """A page of rows to read."""


class LogAdmin(ReadOnlyAdmin):
    """A long log: opens as fast with millions of rows."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50


class ReadOnlyInline(ReadOnly, TabularInline):
    """Rows to read within another's page."""

    extra = 0
    can_delete = False


def link_to(row: Model | None, text: str | None = None) -> str:
    """Return a link to the page of `row`, its name escaped; a dash where there is none."""
    if row is None:
        return "–"
    return link(page_of(row), text or str(row))


def page_of(row: Model) -> str:
    """Return the address of the page of `row`; the admin reads ids with an underscore in a way of its own."""
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[quote(row.pk)])


def link(url: str, text: str) -> str:
    """Return a link in the admin's colours, its text escaped."""
    return format_html('<a class="{}" href="{}">{}</a>', _LOOK, url, text)


def shortened(text: str) -> str:
    """Return `text` as a list has room for it."""
    return text if len(text) <= CAUSE_LENGTH else f"{text[:CAUSE_LENGTH]}…"
