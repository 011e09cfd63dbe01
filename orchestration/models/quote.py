"""The quote: what a session was expected to take when it started, beside what it took."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from config.common import clock
from orchestration.models.session import Session


class Quote(models.Model):
    """What its owner was told at the start, in credits; `spent` and `used` are told once it completed.

    Written once and completed once: what happens to an ended session later (a turn run again) was not quoted.
    """

    session = models.OneToOneField(Session, on_delete=models.CASCADE, primary_key=True, related_name="quote")
    shape = models.CharField(max_length=64, help_text="Hash of roles, models, rounds")
    team = models.CharField(max_length=400, help_text="The shape in words")
    model_names = models.CharField(max_length=200, help_text="The models at work")
    expected = models.PositiveBigIntegerField(help_text="Credits in the mean")
    low = models.PositiveBigIntegerField()
    high = models.PositiveBigIntegerField()
    most = models.PositiveBigIntegerField(help_text="The worst case")
    tokens = models.DecimalField(max_digits=30, decimal_places=9, help_text="Weighted tokens in the mean")
    measured_runs = models.PositiveSmallIntegerField(help_text="Earlier runs it was measured on; 0: reckoned")
    created_at = models.DateTimeField(default=clock.now)

    spent = models.PositiveBigIntegerField(null=True, help_text="Credits, once it completed")
    used = models.DecimalField(
        max_digits=30, decimal_places=9, null=True, help_text="Weighted tokens, once it completed"
    )
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(low__lte=F("expected"), expected__lte=F("high"), high__lte=F("most")),
                name="orchestration_quote_in_order",
            ),
            models.CheckConstraint(condition=Q(tokens__gt=Decimal(0)), name="orchestration_quote_foresees"),
            models.CheckConstraint(
                condition=Q(completed_at=None, spent=None, used=None)
                | Q(completed_at__isnull=False, spent__isnull=False, used__isnull=False),
                name="orchestration_quote_completed_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["completed_at"],
                condition=Q(completed_at__isnull=False),
                name="orchestration_quote_completed",
            ),
        ]

    def __str__(self) -> str:
        amount = f"{self.low}" if self.low == self.high else f"{self.low} to {self.high}"
        return f"{amount} {'credit' if self.high == 1 else 'credits'}"
