"""Comparing ourselves with Stripe: the runs, and what each found."""

from django.db import models
from django.db.models import F, Q


class Reconciliation(models.Model):
    """One comparison with Stripe, from its start to its outcome."""

    class Kind(models.TextChoices):
        """What is compared."""

        EVENTS = "events", "events, every hour"
        OBJECTS = "objects", "objects, every day"

    class State(models.TextChoices):
        """How it went."""

        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    since = models.DateTimeField(help_text="From when on Stripe was asked.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    compared = models.PositiveIntegerField(default=0, help_text="How many events or objects were looked at.")
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(state="running"), name="billing_reconciliation_one_running"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["events", "objects"]), name="billing_reconciliation_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
                name="billing_reconciliation_ends_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(since__lte=F("started_at")), name="billing_reconciliation_looks_back"
            ),
        ]
        indexes = [models.Index(fields=["kind", "-started_at"], name="billing_reconciliation_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.started_at:%Y-%m-%d %H:%M}"


class Difference(models.Model):
    """One thing that stood otherwise here than at Stripe, and whether it was put right."""

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="differences")
    what = models.CharField(max_length=40, help_text="What kind of thing it is.")
    object_id = models.CharField(max_length=255)
    ours = models.CharField(max_length=300, help_text="What stood here.")
    theirs = models.CharField(max_length=300, help_text="What stands at Stripe.")
    is_repaired = models.BooleanField()
    error = models.TextField(blank=True, help_text="Why it could not be put right.")

    class Meta:
        ordering = ["-reconciliation_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "what", "object_id"], name="billing_difference_once_a_run"
            )
        ]
        indexes = [models.Index(fields=["object_id"], name="billing_difference_object")]

    def __str__(self) -> str:
        return f"{self.what} {self.object_id}"
