"""The correction: credits that an operator gives, takes or gives back by hand, with a reason."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Abs, Length, Trim
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from accounts.models import User
from credits.models.entry import Entry
from credits.models.wallet import Wallet

SHORTEST_REASON = 10
_BLANK = Q(decided_by__isnull=True)


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Corrections by where they stand."""

    def pending(self) -> Self:
        """Those that wait for a second operator."""
        return self.filter(state=Correction.State.PENDING)

    def alone(self) -> Self:
        """Those that an operator made without a second one."""
        return self.filter(state=Correction.State.APPLIED, needs_approval=False)


class Correction(models.Model):
    """A movement of credits that an operator asked for. What was asked never changes; it is decided once.

    Above `limit`, what one operator may move alone, a second one approves it. The people are ids without a
    foreign key in the database: an erased account leaves what it did and no name.
    """

    class Kind(models.TextChoices):
        """Which way the credits go."""

        GRANT = "grant", "Given"
        TAKE = "take", "Taken"
        REFUND = "refund", "Given back"
        WAIVE = "waive", "Debt forgiven"

    class State(models.TextChoices):
        """What became of it."""

        PENDING = "pending", "Waits for approval"
        APPLIED = "applied", "Applied"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="corrections")
    kind = models.CharField(max_length=6, choices=Kind)
    amount = models.BigIntegerField()
    """Whole credits: above zero what is given, below what is taken."""
    refunded_entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, null=True, related_name="refund_corrections"
    )
    """The settlement of which a refund gives back."""
    expires_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200)
    limit = models.BigIntegerField()
    """What its operator might move alone when it was asked for."""
    needs_approval = models.BooleanField()
    key = models.UUIDField(unique=True)
    requested_by = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    """The second operator, or whoever withdrew it; none where nobody had to be asked."""
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="correction")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        permissions = [("approve_correction", "Can approve or reject what another operator asked for")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["grant", "refund", "waive"], amount__gt=0)
                | Q(kind="take", amount__lt=0),
                name="credits_correction_amount_goes_its_way",
            ),
            models.CheckConstraint(
                condition=Q(kind="refund", refunded_entry__isnull=False)
                | Q(kind__in=["grant", "take", "waive"], refunded_entry__isnull=True),
                name="credits_correction_refund_names_its_entry",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(kind="grant", expires_at__gt=F("requested_at")),
                name="credits_correction_only_grants_expire",
            ),
            models.CheckConstraint(
                condition=GreaterThanOrEqual(Length(Trim("reason")), SHORTEST_REASON),
                name="credits_correction_reason_given",
            ),
            models.CheckConstraint(
                condition=Q(requested_by__isnull=False), name="credits_correction_requester_known"
            ),
            models.CheckConstraint(
                condition=Q(needs_approval=True) | Q(LessThanOrEqual(Abs("amount"), F("limit"))),
                name="credits_correction_limit_kept",
            ),
            # Nothing waits that needs nobody. Another than who asked applies or rejects; they withdraw.
            models.CheckConstraint(
                condition=Q(state="pending", needs_approval=True, decided_at__isnull=True) & _BLANK
                | Q(state="applied", needs_approval=False, decided_at__isnull=False) & _BLANK
                | Q(state__in=["applied", "rejected"], needs_approval=True, decided_at__isnull=False)
                & Q(decided_by__isnull=False)
                & ~Q(decided_by=F("requested_by"))
                | Q(state="withdrawn", needs_approval=True, decided_at__isnull=False)
                & Q(decided_by=F("requested_by")),
                name="credits_correction_second_person_decides",
            ),
            models.CheckConstraint(
                condition=Q(state="applied", entry__isnull=False)
                | (~Q(state="applied") & Q(entry__isnull=True)),
                name="credits_correction_applied_by_an_entry",
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"], condition=Q(state="pending"), name="credits_correction_pending"
            ),
            models.Index(fields=["requested_by", "requested_at"], name="credits_correction_operator"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {abs(self.amount)}"

    @property
    def is_pending(self) -> bool:
        """Whether it waits for a second operator."""
        return self.state == self.State.PENDING
