"""Plans and the versions of their terms."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Q

from billing.limits import Limits
from billing.models.catalogue import CatalogueVersion


class Plan(models.Model):
    """A plan under its lasting name. What it contains is in its terms."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=64, unique=True)
    rank = models.PositiveSmallIntegerField(help_text="Its place from the least plan to the greatest.")
    is_free = models.BooleanField(default=False)
    is_offered = models.BooleanField(default=True, help_text="Withdrawn plans keep their subscribers.")
    stripe_id = models.CharField(
        max_length=255, null=True, blank=True, unique=True, help_text="Its product at Stripe."
    )

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_free"],
                condition=Q(is_free=True, is_offered=True),
                name="billing_plan_one_free",
            )
        ]

    def __str__(self) -> str:
        return self.code


class PlanTermsQuerySet(models.QuerySet["PlanTerms"]):
    """Versions of terms."""

    def offered(self) -> "PlanTermsQuerySet":
        """Return the terms that can be had today, from the least plan to the greatest."""
        return (
            self.filter(is_current=True, plan__is_offered=True).select_related("plan").order_by("plan__rank")
        )

    def with_subscribers(self) -> "PlanTermsQuerySet":
        """Add `subscribers`: how many users are on each version now."""
        return self.annotate(
            subscribers=Count("subscriptions", filter=Q(subscriptions__ended_at__isnull=True))
        )

    def free(self) -> "PlanTerms | None":
        """Return the terms that everybody may have; None while no catalogue is loaded."""
        return self.offered().filter(plan__is_free=True).first()


class PlanTerms(models.Model):
    """What one plan gives for its price. Never changed once published: a change is a new version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="terms")
    version = models.PositiveIntegerField()
    catalogue = models.ForeignKey(CatalogueVersion, on_delete=models.PROTECT, related_name="terms")
    name = models.CharField(max_length=40)
    tagline = models.CharField(max_length=120)
    credits_per_month = models.BigIntegerField(
        null=True, blank=True, help_text="Empty where credits do not meter the plan."
    )
    trial_days = models.PositiveSmallIntegerField(default=0, help_text="0 where the plan has no trial.")
    trial_credits = models.BigIntegerField(default=0, help_text="Once to a person, as a trial begins.")
    limits_json = models.JSONField()
    is_current = models.BooleanField(default=True)
    published_at = models.DateTimeField()

    objects = PlanTermsQuerySet.as_manager()

    class Meta:
        ordering = ["plan__rank", "-version"]
        verbose_name = "terms of a plan"
        verbose_name_plural = "terms of plans"
        constraints = [
            models.UniqueConstraint(fields=["plan", "version"], name="billing_planterms_version_unique"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(is_current=True), name="billing_planterms_one_current"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="billing_planterms_version_from_one"),
            models.CheckConstraint(
                condition=Q(credits_per_month__isnull=True) | Q(credits_per_month__gt=0),
                name="billing_planterms_credits_positive",
            ),
            models.CheckConstraint(
                condition=Q(trial_days__lte=730), name="billing_planterms_trial_at_most_two_years"
            ),
            models.CheckConstraint(
                condition=Q(trial_credits=0)
                | Q(trial_credits__gt=0, trial_days__gt=0, credits_per_month__isnull=False),
                name="billing_planterms_trial_credits_in_a_trial",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; ValidationError where the limits are not what `Limits` can hold."""
        try:
            Limits.from_json(self.limits_json)
        except ValueError as error:
            raise ValidationError({"limits_json": str(error)}) from error
        super().save(*args, **kwargs)

    @property
    def limits(self) -> Limits:
        """The limits, typed."""
        return Limits.from_json(self.limits_json)


class Price(models.Model):
    """What terms cost for a month or a year, in US cents. Free terms, and terms on request, have none."""

    class Interval(models.TextChoices):
        """How long one payment lasts."""

        MONTH = "month"
        YEAR = "year"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    terms = models.ForeignKey(PlanTerms, on_delete=models.CASCADE, related_name="prices")
    interval = models.CharField(max_length=5, choices=Interval.choices)
    amount_cents = models.BigIntegerField()
    stripe_id = models.CharField(
        max_length=255, null=True, blank=True, unique=True, help_text="This price at Stripe."
    )

    class Meta:
        ordering = ["interval"]
        constraints = [
            models.UniqueConstraint(fields=["terms", "interval"], name="billing_price_interval_unique"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="billing_price_amount_positive"),
            models.CheckConstraint(
                condition=Q(interval__in=["month", "year"]), name="billing_price_interval_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_cents / 100:.2f} USD a {self.interval}"
