"""The project: what belongs to one book, column or client."""

import uuid
from typing import Self

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.lookups import IsNull

from config.common import clock
from objects.access import OwnedQuerySet
from objects.default_agents import validate_default_agents


class ProjectQuerySet(OwnedQuerySet["Project"]):
    """Projects of writers."""

    def current(self) -> Self:
        """Keep those that are not archived."""
        return self.filter(archived_at=None)

    def archived(self) -> Self:
        """Keep the archived ones: hidden, not lost."""
        return self.filter(archived_at__isnull=False)

    def in_order_of_work(self) -> Self:
        """Those that are not archived first, and of each kind first what was last worked on."""
        return self.order_by(IsNull(models.F("archived_at"), True).desc(), "-worked_at", "-pk")

    def with_document_counts(self) -> Self:
        """Add `document_count`: how many of its objects are out of the trash."""
        live = models.Q(contents__deleted_at=None)
        return self.annotate(document_count=models.Count("contents", filter=live))


class Project(models.Model):
    """A writer's project. Archiving hides it and frees its place in the plan; nothing is lost."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="projects")
    title = models.CharField(max_length=200)
    description = models.TextField(validators=[MaxLengthValidator(2000)], blank=True)
    genre = models.CharField(max_length=60, blank=True)
    synopsis = models.TextField(validators=[MaxLengthValidator(10_000)], blank=True)
    default_agents = models.JSONField(default=list, blank=True, validators=[validate_default_agents])
    archived_at = models.DateTimeField(null=True, blank=True)
    worked_at = models.DateTimeField(
        default=clock.now, help_text="When it, or a document in it, was last changed by work"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    is_read_only: bool
    """Whether it is beyond the plan; only on rows that `objects.read_only` marked."""

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(title=""), name="objects_project_title_given"),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="objects_project_owner_recent"),
            models.Index(fields=["owner", "-worked_at"], name="objects_project_owner_worked"),
        ]
        ordering = ["-updated_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_archived(self) -> bool:
        """Whether it is put away."""
        return self.archived_at is not None
