"""The turn: one agent's work in one round, with what it holds, wrote and cost."""

import uuid
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from config.common import clock
from orchestration.models.session import Session, SessionRole
from orchestration.workflow.outcomes import NOT_BEGUN, Outcome, charge_reason
from orchestration.workflow.terms import ACTIVE, Phase, Tier, TurnStatus
from orchestration.workflow.visible import visible

LIVE = [*ACTIVE, TurnStatus.SUSPENDED]
OUTCOMES = [outcome.value for outcome in Outcome]


class TurnQuerySet(models.QuerySet["Turn"]):
    """Turns by where they stand."""

    def active(self) -> Self:
        """Those that a worker has, or may take."""
        return self.filter(status__in=ACTIVE)

    def standing(self) -> Self:
        """Those that count: a turn that was run again no longer does."""
        return self.filter(is_superseded=False)

    def of_step(self, session: Session) -> Self:
        """The standing turns of the round and phase in which `session` is."""
        step = self.standing().filter(session=session, round=session.round, phase=session.phase)
        return step.defer("output")

    def runnable(self) -> Self:
        """Those that wait for a worker, or whose worker let its lease run out (by the database's clock)."""
        return self.filter(Q(status=TurnStatus.QUEUED) | Q(status=TurnStatus.RUNNING, lease_until__lt=Now()))


class Turn(models.Model):
    """One agent's work in one round.

    `attempt` is the fencing token: whoever claims the turn raises it, and nothing that carries a lower one is
    written. `partial` is the raw answer so far, `output` the finished one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="turns")
    role = models.ForeignKey(SessionRole, on_delete=models.CASCADE, related_name="turns")
    round = models.PositiveSmallIntegerField()
    phase = models.PositiveSmallIntegerField(choices=Phase)
    model = models.CharField(max_length=80)
    provider = models.CharField(max_length=40)
    multiplier = models.DecimalField(max_digits=12, decimal_places=6)

    status = models.CharField(max_length=10, choices=TurnStatus, default=TurnStatus.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, blank=True)
    crashes = models.PositiveSmallIntegerField(
        default=0, help_text="Workers lost in a row without another word written"
    )
    resumed_from = models.PositiveIntegerField(default=0, help_text="Characters there were at the last claim")
    is_superseded = models.BooleanField(default=False, help_text="It was run again")

    hold_id = models.BigIntegerField(null=True, help_text="The open hold that pays for it")
    hold_amount = models.PositiveBigIntegerField(default=0)
    is_short = models.BooleanField(
        default=False, db_default=False, help_text="The cap left its hold less than its ceiling"
    )
    max_output = models.PositiveIntegerField(
        default=0, help_text="Tokens that its answer may have, with what was written before the hold"
    )
    settled_holds = models.PositiveSmallIntegerField(default=0)

    base_number = models.PositiveIntegerField(help_text="The document's version that it reads")
    version_number = models.PositiveIntegerField(null=True, help_text="The version that the Writer made")
    partial = models.TextField(blank=True)
    output = models.TextField(blank=True)
    summary = models.TextField(blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    evaluation = models.JSONField(default=dict)
    evaluation_tier = models.CharField(max_length=10, choices=Tier, blank=True)
    score = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    is_readable = models.BooleanField(default=True, help_text="Whether its list could be read")

    tokens_in = models.PositiveBigIntegerField(default=0)
    tokens_out = models.PositiveBigIntegerField(default=0)
    weighted_tokens = models.DecimalField(max_digits=30, decimal_places=9, default=Decimal(0))
    credits = models.PositiveBigIntegerField(default=0)
    absorbed = models.PositiveBigIntegerField(
        default=0, help_text="Credits above the hold: the studio's cost"
    )

    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = TurnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "round", "role"],
                condition=Q(is_superseded=False),
                name="orchestration_turn_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(status__in=TurnStatus.values), name="orchestration_turn_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=TurnStatus.RUNNING) | Q(lease_until__isnull=False, attempt__gte=1),
                name="orchestration_turn_running_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ACTIVE, hold_id__isnull=False, hold_amount__gte=1)
                | ~Q(status__in=ACTIVE) & Q(hold_id=None),
                name="orchestration_turn_active_holds_credits",
            ),
            models.CheckConstraint(
                condition=Q(status__in=LIVE) | Q(finished_at__isnull=False, outcome__in=OUTCOMES),
                name="orchestration_turn_over_with_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(is_superseded=True) | ~Q(status__in=LIVE),
                name="orchestration_turn_superseded_is_over",
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=10),
                name="orchestration_turn_score_bounded",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="orchestration_turn_newest"),
            models.Index(fields=["session", "round", "phase"], name="orchestration_turn_step"),
            models.Index(
                fields=["lease_until"],
                condition=Q(status__in=ACTIVE),
                name="orchestration_turn_active",
            ),
        ]
        ordering = ["round", "phase", "role__position", "created_at"]

    def __str__(self) -> str:
        return f"{self.role} in round {self.round}"

    @property
    def is_live(self) -> bool:
        """Whether it is still to be finished."""
        return self.status in LIVE

    @property
    def charge_reason(self) -> str:
        """Why it cost what it did; nothing while it is still to be finished."""
        if self.is_live:
            return ""
        if not self.attempt:
            return NOT_BEGUN
        return charge_reason(
            Outcome(self.outcome),
            metered=bool(self.weighted_tokens),
            paid=self.credits,
            absorbed=self.absorbed,
        )

    @property
    def text(self) -> str:
        """What a person may read of its answer, so far or finished."""
        return visible(self.output or self.partial, self.role.role)
