"""The catalogue in force: its text, its economics, and what hangs on no plan."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from billing.models.plan import Plan


class CatalogueVersion(models.Model):
    """One catalogue as it was loaded. Exactly one is current; earlier ones are kept as history."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=64)
    title = models.CharField(max_length=80)
    checksum = models.CharField(max_length=64)
    source = models.TextField(help_text="The TOML text that was loaded.")
    tokens_per_credit = models.BigIntegerField()
    output_weight = models.DecimalField(max_digits=7, decimal_places=3)
    rollover_cap = models.BigIntegerField()
    is_current = models.BooleanField(default=True)
    loaded_at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-loaded_at"]
        verbose_name = "catalogue"
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"],
                condition=Q(is_current=True),
                name="billing_catalogueversion_one_current",
            ),
            models.CheckConstraint(
                condition=Q(tokens_per_credit__gt=0), name="billing_catalogueversion_credit_has_tokens"
            ),
            # PostgreSQL sorts NaN above every number: the upper bounds are what refuses it.
            models.CheckConstraint(
                condition=Q(output_weight__gt=0, output_weight__lte=1000),
                name="billing_catalogueversion_output_weight_positive",
            ),
            models.CheckConstraint(
                condition=Q(rollover_cap__gte=0), name="billing_catalogueversion_rollover_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.loaded_at:%Y-%m-%d %H:%M}"


class ModelPrice(models.Model):
    """A language model that may be used, with its weight in credits."""

    name = models.CharField(primary_key=True, max_length=64)
    label = models.CharField(max_length=80)
    provider = models.CharField(max_length=64)
    multiplier = models.DecimalField(max_digits=7, decimal_places=3)
    aliases = models.JSONField(default=list, blank=True)
    usd_in = models.DecimalField(max_digits=11, decimal_places=6, help_text="USD per million input tokens.")
    usd_out = models.DecimalField(max_digits=11, decimal_places=6, help_text="USD per million output tokens.")
    priced_on = models.DateField(help_text="The day on which the provider published these prices.")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(multiplier__gt=0, multiplier__lte=1000),
                name="billing_modelprice_multiplier_positive",
            ),
            models.CheckConstraint(
                condition=Q(usd_in__gte=0, usd_in__lte=10000, usd_out__gte=0, usd_out__lte=10000),
                name="billing_modelprice_cost_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class AgentPrice(models.Model):
    """What one execution of an agent costs in whole credits, and the least plan that may run it."""

    name = models.CharField(primary_key=True, max_length=64)
    minimum_plan: "models.ForeignKey[Plan]" = models.ForeignKey(
        "billing.Plan", on_delete=models.PROTECT, related_name="+"
    )
    price = models.BigIntegerField(help_text="Whole credits.")
    adds_tokens = models.BooleanField(help_text="The tokens it uses are charged as well.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="billing_agentprice_price_not_negative")
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something bought once: a pack of credits, or a service, which may bring the credits that it takes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200)
    price_cents = models.BigIntegerField()
    credits = models.BigIntegerField(null=True, blank=True, help_text="Empty for a service.")
    service = models.CharField(
        max_length=64, blank=True, help_text="The work that it starts; empty for a pack of credits."
    )
    includes_credits = models.BigIntegerField(default=0, help_text="Credits that come with a service.")
    is_offered = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField()
    stripe_id = models.CharField(
        max_length=255, null=True, blank=True, unique=True, help_text="The same product at Stripe."
    )
    stripe_price_id = models.CharField(
        max_length=255, null=True, blank=True, unique=True, help_text="Its present price at Stripe."
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(condition=Q(price_cents__gt=0), name="billing_product_price_positive"),
            models.CheckConstraint(
                condition=Q(credits__isnull=False, service="", includes_credits=0)
                | (Q(credits__isnull=True, includes_credits__gte=0) & ~Q(service="")),
                name="billing_product_pack_or_service",
            ),
            models.CheckConstraint(
                condition=Q(credits__isnull=True) | Q(credits__gt=0), name="billing_product_credits_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name
