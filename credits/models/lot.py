"""The lot: credits that arrived together, from one source, with one end."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from credits.models.rules import Rules
from credits.models.wallet import Wallet


class Source(models.TextChoices):
    """Where a lot's credits came from."""

    ALLOWANCE = "allowance", "Allowance"
    PURCHASE = "purchase", "Purchase"
    BONUS = "bonus", "Bonus"
    REFUND = "refund", "Refund"
    ADJUSTMENT = "adjustment", "Adjustment"


NOT_ALLOWANCE = models.ExpressionWrapper(~Q(source="allowance"), output_field=models.BooleanField())


class LotQuerySet(models.QuerySet["Lot"]):
    """Lots by what is left of them."""

    def live(self, *, at: datetime) -> Self:
        """Lots that can be spent at `at`."""
        return self.filter(remaining__gt=0).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at))

    def in_burn_order(self) -> Self:
        """Soonest to expire first, then allowance before everything else, then the oldest."""
        return self.order_by(F("expires_at").asc(nulls_last=True), NOT_ALLOWANCE, "id")


class Lot(models.Model):
    """A grant. Only `remaining` ever changes; the database refuses anything else."""

    id = models.BigAutoField(primary_key=True)
    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, related_name="lots", db_index=False, db_constraint=False
    )
    granted = models.BigIntegerField()
    remaining = models.BigIntegerField()
    expires_at = models.DateTimeField(null=True)
    period_start = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    source_key = models.UUIDField()
    source = models.CharField(max_length=10, choices=Source)

    objects = LotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_key"], name="credits_lot_one_per_source_key"),
            models.UniqueConstraint(
                fields=["wallet", "period_start"],
                condition=Q(source="allowance"),
                name="credits_lot_one_allowance_per_period",
            ),
            models.CheckConstraint(
                condition=Rules(
                    "ledger_lot_sound", "granted", "remaining", "source", "period_start", "expires_at"
                ),
                name="credits_lot_sound",
            ),
        ]
        indexes = [
            models.Index(F("wallet"), F("expires_at"), NOT_ALLOWANCE, F("id"), name="credits_lot_burn_order"),
            models.Index(fields=["expires_at"], name="credits_lot_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} of {self.granted}"
