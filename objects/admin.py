"""Projects and documents for operators: what there is and how much, never what it says."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from config.common.paginator import CappedPaginator
from objects.models import Document, DocumentVersion, Project


class Unchangeable:
    """Rows that belong to writers: operators read them."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Writers add."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Writers change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Writers throw away."""
        return False


@admin.register(Project)
class ProjectAdmin(Unchangeable, ModelAdmin):
    """Find a project."""

    list_display = ("title", "owner", "genre", "archived_at", "created_at")
    list_filter = (("archived_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("owner",)
    search_fields = ("=id", "title", "owner__email")
    fields = ("id", "owner", "title", "genre", "archived_at", "created_at", "updated_at")
    ordering = ("-created_at",)
    paginator = CappedPaginator
    show_full_result_count = False


class VersionInline(Unchangeable, TabularInline):
    """The versions of a document, without their texts."""

    model = DocumentVersion
    fields = ("number", "cause", "author", "agent_label", "word_count", "base_number", "created_at")
    readonly_fields = fields
    ordering = ("-number",)
    extra = 0
    per_page = 20

    def get_queryset(self, request: HttpRequest) -> QuerySet[DocumentVersion]:
        """Leave the texts in the database."""
        return super().get_queryset(request).select_related("author").defer("body")


@admin.register(Document)
class DocumentAdmin(Unchangeable, ModelAdmin):
    """Find a document, see its history and whether a session holds it."""

    list_display = ("title", "owner", "project", "word_count", "current_number", "lock_holder", "updated_at")
    list_filter = (
        ("lock_holder", admin.EmptyFieldListFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
        "created_at",
    )
    list_select_related = ("owner", "project")
    search_fields = ("=narrativeobject_ptr__id", "title", "owner__email")
    fields = (
        "id", "owner", "avatar", "project", "title", "visibility", "word_count", "token_count",
        "storage_bytes", "revision", "current_number", "lock_holder",
        "deleted_at", "created_at", "updated_at",
    )  # fmt: skip
    ordering = ("-created_at",)
    inlines = (VersionInline,)
    paginator = CappedPaginator
    show_full_result_count = False
