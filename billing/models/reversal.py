"""Money that went back, by a refund or a dispute, and what became of its credits."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest

from billing.models.payment import Payment

_OPEN = (
    F("credits_due") - F("credits_taken") + F("credits_restored") - F("credits_gone") - F("credits_forgiven")
)


class ReversalQuerySet(models.QuerySet["Reversal"]):
    """Reversals by whether they hold."""

    def standing(self) -> Self:
        """Those that hold: the money is gone, or on its way."""
        return self.filter(undone_at__isnull=True)

    def owing(self) -> Self:
        """Those of whose credits some were spent, and are neither settled nor forgiven."""
        return self.filter(debt__gt=0)

    def in_order(self) -> Self:
        """The oldest first."""
        return self.order_by("happened_at", "id")


class Reversal(models.Model):
    """A refund or a dispute of a payment, under its id at Stripe.

    `credits_due` is the share of the payment's credits that go back with the money. So many were taken, and
    restored where the money came back; so many had ended unused with their lots (`gone`); so many an operator
    forgave. What remains was spent: the debt.
    """

    class Kind(models.TextChoices):
        """Who took the money back."""

        REFUND = "refund", "Refund"
        DISPUTE = "dispute", "Dispute"

    id = models.CharField(primary_key=True, max_length=255)
    reference = models.UUIDField(
        unique=True, default=uuid.uuid4, editable=False, help_text="By which the journal names it."
    )
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="reversals")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    amount_cents = models.BigIntegerField()
    status = models.CharField(max_length=32, help_text="As Stripe calls it.")
    happened_at = models.DateTimeField(help_text="When it began, as Stripe says.")
    undone_at = models.DateTimeField(
        null=True, blank=True, help_text="When the money was known to have come back, or not to have gone."
    )
    credits_due = models.BigIntegerField(default=0)
    credits_taken = models.BigIntegerField(default=0, help_text="In all, what was restored included.")
    credits_restored = models.BigIntegerField(default=0)
    credits_gone = models.BigIntegerField(default=0, help_text="Ended unused before they could be taken.")
    credits_forgiven = models.BigIntegerField(default=0)
    takings = models.PositiveIntegerField(default=0, help_text="In how many steps they were taken.")
    since_seq = models.BigIntegerField(
        default=0, help_text="The wallet's newest entry when it was first told: what came later settles it."
    )
    seen_seq = models.BigIntegerField(
        default=0, help_text="The wallet's newest entry when it was last looked at."
    )
    debt = models.GeneratedField(
        expression=Case(
            When(undone_at__isnull=False, then=Value(0)),
            default=Greatest(_OPEN, Value(0)),
            output_field=models.BigIntegerField(),
        ),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    objects = ReversalQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_at"]
        verbose_name = "refund or dispute"
        verbose_name_plural = "refunds and disputes"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["refund", "dispute"]), name="billing_reversal_kind_known"
            ),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="billing_reversal_amount_positive"),
            models.CheckConstraint(
                condition=Q(
                    credits_due__gte=0,
                    credits_taken__gte=0,
                    credits_restored__gte=0,
                    credits_gone__gte=0,
                    credits_forgiven__gte=0,
                ),
                name="billing_reversal_credits_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, credits_taken__gte=F("credits_restored"))
                | Q(undone_at__isnull=False, credits_taken=F("credits_restored")),
                name="billing_reversal_restored_whole_when_undone",
            ),
            models.CheckConstraint(
                condition=Q(credits_due__gte=F("credits_taken") - F("credits_restored")),
                name="billing_reversal_takes_no_more_than_due",
            ),
        ]
        indexes = [
            models.Index(fields=["payment"], condition=Q(debt__gt=0), name="billing_reversal_owing"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"

    @property
    def is_standing(self) -> bool:
        """Whether the money is gone, or on its way."""
        return self.undone_at is None

    @property
    def open_credits(self) -> int:
        """What is due and was neither taken nor forgiven: to be taken, gone with its lots, or owed."""
        if not self.is_standing:
            return 0
        return max(0, self.credits_due - self.credits_taken + self.credits_restored - self.credits_forgiven)

    def key(self, taking: int) -> str:
        """Return the ledger's key of its taking number `taking`, from 1."""
        return f"reversal:{self.id}:{taking}"
