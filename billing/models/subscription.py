"""Who is on which terms, and which persons have had the free credits, or a trial."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.models.plan import PlanTerms
from billing.models.stripe_subscription import StripeSubscription


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Subscriptions, past and present."""

    def current(self) -> "SubscriptionQuerySet":
        """Return those that have not been ended: at most one a user."""
        return self.filter(ended_at__isnull=True)

    def lapsed(self, moment: datetime) -> "SubscriptionQuerySet":
        """Return those whose time was over by `moment` and that nobody has ended yet."""
        return self.current().filter(ends_at__lte=moment)


class Subscription(models.Model):
    """A user's time on one version of a plan's terms. Ended ones are the history."""

    class Source(models.TextChoices):
        """Why the user is on the plan."""

        FREE = "free", "free"
        COMP = "comp", "given by an operator"
        PAID = "paid", "paid for"

    class Allowance(models.TextChoices):
        """What became of its first credits."""

        WAITING = "waiting", "waiting for a verified address, or for tomorrow's budget"
        GRANTED = "granted", "granted"
        WITHHELD = "withheld", "withheld: this person has had them"
        NONE = "none", "none: credits do not meter the plan"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscriptions")
    terms = models.ForeignKey(PlanTerms, on_delete=models.PROTECT, related_name="subscriptions")
    source = models.CharField(max_length=8, choices=Source.choices)
    stripe = models.ForeignKey(
        StripeSubscription, null=True, blank=True, on_delete=models.PROTECT, related_name="subscriptions"
    )
    allowance = models.CharField(max_length=8, choices=Allowance.choices)
    network = models.CharField(
        max_length=64,
        blank=True,
        help_text="While the allowance waits: the hashed network it was asked from.",
    )
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text="When it will end by itself.")
    ended_at = models.DateTimeField(null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)
    end_actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    end_reason = models.CharField(max_length=300, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at__isnull=True), name="billing_subscription_one_current"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["free", "comp", "paid"]), name="billing_subscription_source_known"
            ),
            models.CheckConstraint(
                condition=Q(source="paid", stripe__isnull=False, ends_at__isnull=False)
                | (~Q(source="paid") & Q(stripe__isnull=True)),
                name="billing_subscription_paid_is_of_stripe",
            ),
            models.CheckConstraint(
                condition=Q(allowance__in=["waiting", "granted", "withheld", "none"]),
                name="billing_subscription_allowance_known",
            ),
            models.CheckConstraint(
                condition=~Q(source="comp") | (~Q(reason="") & Q(ends_at__isnull=False)),
                name="billing_subscription_comp_has_reason_and_end",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("started_at")),
                name="billing_subscription_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="billing_subscription_ended_after_start",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"],
                condition=Q(ended_at__isnull=True, ends_at__isnull=False),
                name="billing_sub_ends_at",
            ),
            models.Index(
                fields=["started_at"],
                condition=Q(ended_at__isnull=True, allowance="waiting"),
                name="billing_sub_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.terms.name}"

    def is_in_force(self, moment: datetime) -> bool:
        """Tell whether it counts at `moment`: a comp past its day no longer does, even before the sweep."""
        return self.ended_at is None and (self.ends_at is None or moment < self.ends_at)


class FreeGrant(models.Model):
    """Remembers, without naming anybody, that a person has had the free credits.

    `person` is a keyed hash of the normalised address, `network` one of the network it was proven from.
    Neither refers to the account: they outlive it.
    """

    person = models.CharField(primary_key=True, max_length=64)
    network = models.CharField(max_length=64, blank=True)
    credits = models.BigIntegerField()
    granted_at = models.DateTimeField()

    class Meta:
        ordering = ["-granted_at"]
        constraints = [
            models.CheckConstraint(condition=Q(credits__gt=0), name="billing_freegrant_credits_positive")
        ]
        indexes = [models.Index(fields=["granted_at"], name="billing_freegrant_granted_at")]

    def __str__(self) -> str:
        return f"{self.person[:8]}…, {self.granted_at:%Y-%m-%d}"


class Trial(models.Model):
    """Remembers, without naming anybody, that a person has had a trial; `credits` is what came with it."""

    person = models.CharField(primary_key=True, max_length=64)
    credits = models.BigIntegerField()
    started_at = models.DateTimeField()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(condition=Q(credits__gte=0), name="billing_trial_credits_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.person[:8]}…, {self.started_at:%Y-%m-%d}"
