"""What a wallet gets every month: the ledger's own copy of what the plan in force says."""

from django.db import models
from django.db.models import Q

from credits.models.wallet import Wallet


class MonthlyAllowance(models.Model):
    """The credits that the clock grants a wallet each month, until somebody says otherwise.

    The app that sells plans writes it (credits.resets); a wallet without one gets nothing by itself. Kept
    here so that a reset reads one narrow row beside the wallet's, and knows no plan.
    """

    wallet = models.OneToOneField(
        Wallet, on_delete=models.PROTECT, primary_key=True, related_name="monthly_allowance"
    )
    amount = models.BigIntegerField()
    rollover_cap = models.BigIntegerField()
    """How much of what the last month left unused the next one takes over."""
    until = models.DateTimeField(null=True)
    """No month that begins then or later is granted."""
    due_at = models.DateTimeField(null=True)
    """When the next month begins; nothing where it would begin past `until`."""
    reference_kind = models.CharField(max_length=20)
    reference_id = models.UUIDField()
    description = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, rollover_cap__gte=0), name="credits_monthlyallowance_amounts_sound"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(due_at__isnull=True) | Q(due_at__lt=models.F("until")),
                name="credits_monthlyallowance_due_before_its_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="credits_monthlyallowance_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} a month"
