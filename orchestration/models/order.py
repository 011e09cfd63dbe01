"""The order: a service that somebody bought, from the payment to the session that carries it out."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models import Payment
from config.common import clock
from objects.access import OwnedQuerySet
from orchestration.models.session import Session


class ServiceOrderQuerySet(OwnedQuerySet["ServiceOrder"]):
    """Orders of buyers."""

    def waiting(self) -> Self:
        """Those that still need a text."""
        return self.filter(started_at=None, cancelled_at=None)


class ServiceOrder(models.Model):
    """One purchase of a service: carried out once, by a session; given back before that, it is cancelled.

    What was started stays started, also where its session is deleted with the document.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "Waiting for a text"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="service_orders"
    )
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="service_order")
    service = models.CharField(max_length=64)
    credits = models.PositiveBigIntegerField(help_text="What came with it; its session spends no more.")
    session = models.OneToOneField(
        Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="service_order"
    )
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = ServiceOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(session=None) | Q(started_at__isnull=False),
                name="orchestration_serviceorder_session_only_when_started",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None) | Q(started_at=None),
                name="orchestration_serviceorder_cancelled_before_its_start",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="orchestration_order_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.service}, {self.created_at:%Y-%m-%d}"

    @property
    def state(self) -> "ServiceOrder.State":
        """Where it stands; read its session with it."""
        if self.cancelled_at is not None:
            return self.State.CANCELLED
        if self.started_at is None:
            return self.State.WAITING
        return self.State.DONE if self.session is None or self.session.is_ended else self.State.RUNNING
