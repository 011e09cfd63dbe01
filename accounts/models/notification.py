"""The notice: one thing a user is told, and the mail that tells it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.alert import Alert
from accounts.models.user import User
from accounts.notifications.kinds import RULES, Kind, Rule


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notices as their reader sees them."""

    def shown_to(self, user: User) -> "NotificationQuerySet":
        """Those on the page of `user`, and of nobody else."""
        return self.filter(user=user, in_app=True)

    def unread(self) -> "NotificationQuerySet":
        """Those not read yet."""
        return self.filter(read_at=None)


class Notification(models.Model):
    """One fact for one user: told once for each `cause`, whatever the channels.

    Kept also where its reader switched the page off (`in_app` false) or both channels: the fact was told
    as they wish, and is not told again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(  # every index below begins with it
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", db_index=False
    )
    kind = models.CharField(max_length=24)
    cause = models.CharField(max_length=200)
    title = models.CharField(max_length=160)
    body = models.TextField()
    url = models.CharField(max_length=500, blank=True)
    data = models.JSONField(default=dict)
    in_app = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "cause"], name="accounts_notification_one_per_cause"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]), name="accounts_notification_known_kind"
            ),
            models.CheckConstraint(
                condition=~Q(cause="") & ~Q(title="") & ~Q(body=""), name="accounts_notification_worded"
            ),
            models.CheckConstraint(
                condition=Q(url="") | (Q(url__startswith="/") & ~Q(url__startswith="//")),
                name="accounts_notification_leads_home",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "-created_at", "-id"],
                condition=Q(in_app=True),
                name="accounts_notification_newest",
            ),
            models.Index(
                fields=["user"],
                condition=Q(in_app=True, read_at__isnull=True),
                name="accounts_notification_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def rule(self) -> Rule:
        """How notices of this kind are told and shown."""
        return RULES[Kind(self.kind)]


class Delivery(models.Model):
    """The mail of one notice, or an alert on its way to the operators' webhook, and how far it has come.

    While it is `pending`, `next_at` says when a worker may take it up; taking it up moves `next_at` a lease
    ahead, so what a dead worker held is due again by itself. `handed_at` is set just before the mail server
    is given the mail, and cleared where it refuses: a worker that died in between leaves it standing.
    """

    class State(models.TextChoices):
        """How far the mail has come."""

        PENDING = "pending"
        SENT = "sent"
        FAILED = "failed"

    notification = models.OneToOneField(
        Notification, on_delete=models.CASCADE, related_name="delivery", null=True
    )
    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, related_name="delivery", null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "mail"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(notification__isnull=False, alert=None)
                | Q(notification=None, alert__isnull=False),
                name="accounts_delivery_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "sent", "failed"]), name="accounts_delivery_known_state"
            ),
            models.CheckConstraint(
                condition=Q(state="pending", next_at__isnull=False)
                | (~Q(state="pending") & Q(next_at__isnull=True)),
                name="accounts_delivery_pending_is_scheduled",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="accounts_delivery_sent_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(last_error=""), name="accounts_delivery_failed_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="pending"), name="accounts_delivery_due"),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}"
