"""The alert: one thing that the operators are told, beside their notices, by the studio's webhook."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Alert(models.Model):
    """One fact for the operators, told once for each `cause`; `url` leads to a page of the studio."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cause = models.CharField(max_length=200)
    title = models.CharField(max_length=160)
    body = models.TextField()
    url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cause"], name="accounts_alert_one_per_cause"),
            models.CheckConstraint(
                condition=~Q(cause="") & ~Q(title="") & ~Q(body=""), name="accounts_alert_worded"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="accounts_alert_created")]

    def __str__(self) -> str:
        return self.title
