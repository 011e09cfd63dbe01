"""What was asked of Stripe, written down before it was asked."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q


class StripeRequestQuerySet(models.QuerySet["StripeRequest"]):
    """Requests to Stripe."""

    def unsettled(self, *, before: datetime) -> "StripeRequestQuerySet":
        """Return those written down before then whose outcome is not known, the oldest first."""
        return self.filter(state=StripeRequest.State.PENDING, created_at__lt=before).order_by("created_at")


class StripeRequest(models.Model):
    """One change at Stripe under one business key. Its id is the Idempotency-Key of every time it is sent.

    `pending` until the outcome is known: Stripe may have done it or not. Who asks again under the same key
    sends the same request under the same Idempotency-Key, or is given the outcome.
    """

    class State(models.TextChoices):
        """What is known of its outcome."""

        PENDING = "pending", "outcome unknown"
        DONE = "done", "done"
        REFUSED = "refused", "refused by Stripe"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=255, unique=True, help_text="What it is for, in our own terms.")
    operation = models.CharField(max_length=64)
    target = models.CharField(max_length=255, blank=True, help_text="The object that it changes.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    parameters = models.JSONField(default=dict, help_text="Without names and addresses once it is settled.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    result_id = models.CharField(max_length=255, blank=True)
    error = models.CharField(max_length=500, blank=True)
    error_code = models.CharField(max_length=64, blank=True, help_text="In Stripe's code words.")
    is_declined = models.BooleanField(default=False, help_text="Refused because the card was declined.")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(help_text="When it was last sent.")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = StripeRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "request to Stripe"
        verbose_name_plural = "requests to Stripe"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "done", "refused"]),
                name="billing_striperequest_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", finished_at__isnull=True)
                | (~Q(state="pending") & Q(finished_at__isnull=False)),
                name="billing_striperequest_finished_with_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(result_id=""), name="billing_striperequest_done_has_result"
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(error=""), name="billing_striperequest_refused_has_error"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="pending"), name="billing_request_pending")
        ]

    def __str__(self) -> str:
        return f"{self.operation} ({self.key})"
