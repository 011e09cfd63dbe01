"""The record of a request that must have one effect, however often it is sent."""

from django.conf import settings
from django.db import models


class IdempotencyRecord(models.Model):
    """One key of one user: what was asked, and the answer once there is one.

    While `status` is null the work runs, or died; after `lease_until` another request may take it over,
    raising `attempt`, and what the older attempt still brings home is dropped.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    attempt = models.PositiveIntegerField(default=1)
    lease_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="accounts_idempotencyrecord_one_per_key"),
        ]
        indexes = [models.Index(fields=["created_at"], name="accounts_idempotency_created")]

    def __str__(self) -> str:
        return self.key
