"""What Stripe told us: each event once, and what became of it."""

from datetime import datetime

from django.db import models
from django.db.models import Q


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    """Events, by what is still to be done about them."""

    def waiting(self) -> "WebhookEventQuerySet":
        """Return those that are still to be applied."""
        return self.filter(state=WebhookEvent.State.WAITING)

    def due(self, moment: datetime) -> "WebhookEventQuerySet":
        """Return those whose time to be tried has come by `moment`."""
        return self.waiting().filter(next_attempt_at__lte=moment)

    def unapplied(self) -> "WebhookEventQuerySet":
        """Return those whose effect has not been reached: they wait, or were given up."""
        return self.filter(state__in=[WebhookEvent.State.WAITING, WebhookEvent.State.FAILED])


class WebhookEvent(models.Model):
    """One event of Stripe's under its own id: stored once, however often it is delivered.

    The body says that something happened to an object. What that means is never read from it, but from the
    object as Stripe has it when the event is applied.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "waiting"
        APPLIED = "applied", "applied"
        IGNORED = "ignored", "ignored: of no meaning here"
        FAILED = "failed", "failed: every attempt"

    id = models.CharField(primary_key=True, max_length=255, editable=False)
    type = models.CharField(max_length=100)
    object_id = models.CharField(max_length=255, blank=True)
    created = models.DateTimeField(help_text="When it happened, as Stripe says.")
    livemode = models.BooleanField()
    body = models.JSONField()
    state = models.CharField(max_length=8, choices=State.choices)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When it is tried next; while a worker is at it, when that worker counts as lost.",
    )
    is_at_work = models.BooleanField(default=False)
    error = models.TextField(blank=True, help_text="How the last attempt failed.")
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "applied", "ignored", "failed"]),
                name="billing_webhookevent_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", next_attempt_at__isnull=False)
                | (~Q(state="waiting") & Q(next_attempt_at__isnull=True)),
                name="billing_webhookevent_waits_for_a_time",
            ),
            models.CheckConstraint(
                condition=Q(is_at_work=False) | Q(state="waiting"), name="billing_webhookevent_waits_at_work"
            ),
            models.CheckConstraint(
                condition=Q(state="applied", applied_at__isnull=False)
                | (~Q(state="applied") & Q(applied_at__isnull=True)),
                name="billing_webhookevent_applied_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["-received_at"], name="billing_event_received"),
            models.Index(fields=["created"], name="billing_event_created"),
            models.Index(fields=["object_id"], name="billing_event_object"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(state="waiting"), name="billing_event_waiting"
            ),
            models.Index(
                fields=["received_at"],
                condition=Q(state__in=["waiting", "failed"]),
                name="billing_event_unapplied",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"
