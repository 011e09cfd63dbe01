"""The base of everything a writer keeps."""

import uuid

from django.conf import settings
from django.db import models

from objects.access import TrashableQuerySet


class NarrativeObjectQuerySet(TrashableQuerySet["NarrativeObject"]):
    """Everything a writer keeps, whatever its kind."""


class NarrativeObject(models.Model):
    """What every kind shares: whose it is, where it belongs, how much it takes."""

    class Kind(models.TextChoices):
        """What the row is; each kind has its own table."""

        DOCUMENT = "document", "Document"

    class Visibility(models.TextChoices):
        """Who besides the owner may read it."""

        PRIVATE = "private", "Private"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="narrative_objects"
    )
    avatar = models.ForeignKey(
        "accounts.Avatar", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    project = models.ForeignKey(
        "objects.Project",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="contents",
    )
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=200)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.PRIVATE)
    token_count = models.IntegerField(default=0, help_text="Estimated tokens of the current text")
    storage_bytes = models.BigIntegerField(default=0, help_text="Bytes of all that is kept of it")
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="In the trash since")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    is_read_only: bool
    """Whether its project is beyond the plan; only on rows that `objects.read_only` marked."""

    objects = NarrativeObjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["document"]), name="objects_narrativeobject_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=["private"]),
                name="objects_narrativeobject_visibility_known",
            ),
            models.CheckConstraint(condition=~models.Q(title=""), name="objects_narrativeobject_title_given"),
            models.CheckConstraint(
                condition=models.Q(token_count__gte=0), name="objects_narrativeobject_tokens_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(storage_bytes__gte=0), name="objects_narrativeobject_bytes_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="objects_narrative_owner_recent"),
            models.Index(
                fields=["deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="objects_narrative_trash",
            ),
        ]
        ordering = ["-updated_at", "-pk"]

    def __str__(self) -> str:
        return self.title
