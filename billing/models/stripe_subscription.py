"""What a subscription at Stripe means here: whose it is, for which price, and until when it is paid."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Q

from billing.models.plan import Price
from config.common.clock import now
from credits.periods import period_containing

if TYPE_CHECKING:
    from billing.models.payment import Payment

LIVE = ("trialing", "active", "past_due", "unpaid", "paused")
"""The states in which Stripe goes on charging, or trying to. Others are before the first payment, or over."""


class StripeSubscriptionQuerySet(models.QuerySet["StripeSubscription"]):
    """Subscriptions at Stripe."""

    def locked(self) -> "StripeSubscriptionQuerySet":
        """Hold them until the end of the transaction: who changes one reads it so, after the user's lock."""
        return self.select_for_update(of=("self",), no_key=True)

    def live(self) -> "StripeSubscriptionQuerySet":
        """Return those that Stripe charges for and that are not about to be undone: at most one a user."""
        return self.filter(status__in=LIVE, is_surplus=False, user__isnull=False)

    def giving(self, moment: datetime) -> "StripeSubscriptionQuerySet":
        """Return those that entitle their user at `moment`: paid for, or within the grace after it."""
        return self.filter(
            paid_until__gt=moment - timedelta(days=settings.BILLING_GRACE_DAYS),
            is_surplus=False,
            revoked_at__isnull=True,
            user__isnull=False,
        )


class StripeSubscription(models.Model):
    """One subscription at Stripe, in our terms. Written from what Stripe answers, and by nothing else.

    Kept when it is over, and when its user is erased. `paid_until` is what entitles: not its state, and not
    a finished checkout.
    """

    id = models.CharField(primary_key=True, max_length=255)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="stripe_subscriptions",
    )
    customer_id = models.CharField(max_length=255, db_index=True)
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="stripe_subscriptions")
    status = models.CharField(max_length=24)
    started_at = models.DateTimeField()
    anchor = models.DateTimeField(help_text="Where its periods are counted from.")
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    paid_until = models.DateTimeField(
        null=True, blank=True, help_text="The end of the last period that was paid for, or that cost nothing."
    )
    waived_until = models.DateTimeField(
        null=True, blank=True, help_text="The end of the last period that cost nothing: a trial, a coupon."
    )
    trial_end = models.DateTimeField(null=True, blank=True)
    cancel_at = models.DateTimeField(null=True, blank=True)
    next_price = models.ForeignKey(Price, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    next_at = models.DateTimeField(null=True, blank=True)
    schedule_id = models.CharField(max_length=255, blank=True)
    past_due_since = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="How often the open invoice was tried to be paid."
    )
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    is_surplus = models.BooleanField(
        default=False, help_text="Bought beside another that was live: cancelled, its payments given back."
    )
    revoked_at = models.DateTimeField(
        null=True, blank=True, help_text="When it stopped entitling whatever was paid: its customer is gone."
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = StripeSubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        verbose_name = "subscription at Stripe"
        verbose_name_plural = "subscriptions at Stripe"
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status__in=LIVE, is_surplus=False),
                name="billing_stripesubscription_one_live",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gt=F("period_start")),
                name="billing_stripesubscription_period_has_length",
            ),
            models.CheckConstraint(
                condition=Q(next_price__isnull=True, next_at__isnull=True)
                | Q(next_price__isnull=False, next_at__isnull=False),
                name="billing_stripesubscription_next_price_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id}, {self.status}"

    @property
    def is_live(self) -> bool:
        """Whether Stripe goes on charging for it, or trying to."""
        return self.status in LIVE

    @property
    def ends_at(self) -> datetime | None:
        """When it stops entitling unless more is paid: the end of what is paid for, and the grace."""
        if self.paid_until is None:
            return None
        return self.paid_until + timedelta(days=settings.BILLING_GRACE_DAYS)

    def waive(self, *, until: datetime | None) -> None:
        """Note that nothing is asked for the time up to `until`. Not saved."""
        self.waived_until = max(filter(None, (self.waived_until, until)), default=None)

    def first_payment(self) -> "Payment | None":
        """Return what began the last period that still is paid for; None where that is not known, or over.

        A period may be paid for in parts, by a change within it: then the first of them may have gone back.
        """
        latest = self.payments.kept().aggregate(latest=Max("period_end"))["latest"]
        first = self.payments.filter(period_end=latest).order_by("period_start").first()
        period = first.period if first else None
        if period is None or period.end <= now():
            return None
        month = period_containing(anchor=self.anchor, at=period.start)
        return first if month.start == period.start else None

    def count_payments(self) -> None:
        """Work out anew until when it is paid, by what has not been given back as a whole. Not saved."""
        latest = self.payments.kept().aggregate(latest=Max("period_end"))["latest"]
        self.paid_until = max(filter(None, (latest, self.waived_until)), default=None)
