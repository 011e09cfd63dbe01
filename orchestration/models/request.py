"""The log of calls to providers."""

import uuid

from django.db import models
from django.db.models import Q

from config.common import clock
from orchestration.models.turn import Turn


class AIRequest(models.Model):
    """One call: how it went, how long it took, what it used and cost us; never the texts themselves."""

    class Status(models.TextChoices):
        """How it came out."""

        OK = "ok", "Answered"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        LOST = "lost", "Lost with its worker"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    turn = models.ForeignKey(Turn, on_delete=models.SET_NULL, null=True, related_name="requests")
    attempt = models.PositiveIntegerField()
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=80)
    status = models.CharField(max_length=10, choices=Status)
    prompt_hash = models.CharField(max_length=64, blank=True)
    prompt_preview = models.CharField(max_length=300, blank=True)
    response_hash = models.CharField(max_length=64, blank=True)
    context = models.JSONField(default=dict, help_text="What was given: versions, findings, notes")
    latency_ms = models.PositiveIntegerField(null=True)
    first_token_ms = models.PositiveIntegerField(null=True)
    tokens_in = models.PositiveBigIntegerField(default=0)
    tokens_out = models.PositiveBigIntegerField(default=0)
    is_exact = models.BooleanField(default=True, help_text="Whether the provider itself told the usage")
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "AI request"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["ok", "failed", "cancelled", "lost"]),
                name="orchestration_airequest_status_known",
            ),
            models.CheckConstraint(
                condition=Q(cost_usd__gte=0), name="orchestration_airequest_cost_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="orchestration_airequest_recent")]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.model}: {self.get_status_display()}"
