"""The personal API key: lets a program act for its owner until it expires or is revoked."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q


class ApiKey(models.Model):
    """A key by what can be told of it; the key itself is shown once, and only its digest is kept."""

    class Scope(models.TextChoices):
        """What the key may do."""

        READ = "read", "Read"
        WRITE = "write", "Read and write"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys", db_index=False
    )
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, help_text="How the key begins")
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of the key")
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.READ)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "API key"
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="accounts_apikey_digest_unique"),
            models.CheckConstraint(condition=~Q(name=""), name="accounts_apikey_named"),
            models.CheckConstraint(
                condition=Q(scope__in=["read", "write"]), name="accounts_apikey_scope_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=models.F("created_at")),
                name="accounts_apikey_expires_after_it_is_made",
            ),
        ]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="accounts_apikey_newest")]

    def __str__(self) -> str:
        return self.name

    def is_expired(self, at: datetime) -> bool:
        """Whether it is over at that moment."""
        return self.expires_at is not None and self.expires_at <= at
