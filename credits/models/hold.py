"""Holds: credits set aside for work that is under way, and the lots they were drawn from."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from credits.models.lot import Lot
from credits.models.rules import Rules
from credits.models.wallet import Wallet


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds by their state."""

    def open(self) -> Self:
        """Holds whose work has neither been settled nor released."""
        return self.filter(resolved_at__isnull=True)

    def overdue(self, *, at: datetime) -> Self:
        """Open holds whose work should have ended by `at`."""
        return self.open().filter(expires_at__lte=at)


class Hold(models.Model):
    """The ceiling of what a piece of work may cost. Resolved at most once, by a settlement or a release.

    Here and in the journal the foreign keys are Django's alone: the function that writes a row has just
    read what it points at, no row is ever deleted, and checking each again costs a tenth of a movement.
    """

    id = models.BigAutoField(primary_key=True)
    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, related_name="holds", db_index=False, db_constraint=False
    )
    amount = models.BigIntegerField()
    settled = models.BigIntegerField(null=True)
    refunded = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    reference_id = models.UUIDField(null=True)
    reference_kind = models.CharField(max_length=20, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Rules("ledger_hold_sound", "amount", "settled", "resolved_at", "refunded"),
                name="credits_hold_sound",
            ),
        ]
        indexes = [
            models.Index(
                fields=["wallet", "expires_at"],
                condition=Q(resolved_at__isnull=True),
                name="credits_hold_open",
            ),
        ]

    def __str__(self) -> str:
        return f"Hold {self.pk} of {self.amount}"

    @property
    def is_open(self) -> bool:
        """Whether its credits are still set aside."""
        return self.resolved_at is None


class HoldDraw(models.Model):
    """How much of a hold came from which lot, in burn order. Written once, with the hold.

    A settlement uses the draws from the first on; a refund gives back from the last one.
    """

    pk = models.CompositePrimaryKey("hold_id", "lot_id")
    hold = models.ForeignKey(
        Hold, on_delete=models.PROTECT, related_name="draws", db_index=False, db_constraint=False
    )
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, related_name="draws", db_index=False, db_constraint=False
    )
    amount = models.BigIntegerField()
    position = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="credits_holddraw_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of lot {self.lot_id} for hold {self.hold_id}"
