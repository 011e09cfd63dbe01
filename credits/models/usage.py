"""The usage log: one row per metered act, and the monthly counters kept with it."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from credits.models.entry import Entry


class Metric(models.TextChoices):
    """What is metered."""

    LLM_CALL = "llm_call", "Model calls"
    SESSION = "session", "Sessions"
    STORAGE = "storage", "Storage"
    BANDWIDTH = "bandwidth", "Bandwidth"

    @property
    def unit(self) -> str:
        """What its quantities count; `byte_days` are bytes kept for a day."""
        return _UNITS[self]


_UNITS = {
    Metric.LLM_CALL: "tokens",
    Metric.SESSION: "session",
    Metric.STORAGE: "byte_days",
    Metric.BANDWIDTH: "bytes",
}


class UsageRecord(models.Model):
    """One metered act: how much of what, what it cost the account, what it cost us.

    The log outlives what it speaks of, so `avatar_id`, `object_id` and the reference are ids and no foreign
    keys. Rows come in the order of `created_at` and never change: a BRIN index finds a month among years of
    them in a few kilobytes.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="usage_records"
    )
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, related_name="usage_records")
    """The settlement that charged it; none for what is free."""
    metric = models.CharField(max_length=20, choices=Metric)
    quantity = models.BigIntegerField()
    unit = models.CharField(max_length=20)
    credits = models.BigIntegerField(default=0)
    tokens_in = models.BigIntegerField(default=0)
    tokens_out = models.BigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=10, decimal_places=6, default=0)
    is_cost_known = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Whether there was a price for all of it; what had none counts as 0.",
    )
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=80, blank=True)
    endpoint = models.CharField(max_length=80, blank=True)
    avatar_id = models.UUIDField(null=True)
    object_id = models.UUIDField(null=True)
    reference_kind = models.CharField(max_length=20, blank=True)
    reference_id = models.UUIDField(null=True)
    period_start = models.DateTimeField()
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    quantity__gte=0, credits__gte=0, tokens_in__gte=0, tokens_out__gte=0, cost_usd__gte=0
                ),
                name="credits_usagerecord_never_negative",
            ),
            models.CheckConstraint(
                condition=Q(metric__in=Metric.values), name="credits_usagerecord_metric_known"
            ),
        ]
        indexes = [
            models.Index(fields=["reference_id"], name="credits_usage_reference"),
            models.Index(fields=["user", "metric", "period_start"], name="credits_usage_period"),
            BrinIndex(fields=["created_at"], name="credits_usage_created"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.unit}"


class UsageCounter(models.Model):
    """How much of a metric a user has used in one period: what a quota check reads."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="usage_counters", db_index=False
    )
    metric = models.CharField(max_length=20, choices=Metric)
    period_start = models.DateTimeField()
    quantity = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "metric", "period_start"], name="credits_usagecounter_one_per_period"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="credits_usagecounter_never_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.metric}: {self.quantity}"


class UsageBatch(models.Model):
    """A batch of acts that is in the log: the same batch again adds nothing."""

    key = models.CharField(primary_key=True, max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "usage batches"

    def __str__(self) -> str:
        return self.key
