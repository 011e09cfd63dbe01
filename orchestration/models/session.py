"""The editorial session: a document, a team, and the rounds they go through."""

import uuid
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from config.common import clock
from objects.access import OwnedQuerySet
from objects.models import Document, Project
from orchestration.workflow.criteria import Criterion, validated
from orchestration.workflow.endings import Reason
from orchestration.workflow.terms import EDITORS, ENDED, RESTING, Phase, Role, Status, TurnStatus, Wish

_WAITS = {Reason.CAP: "Waiting at its cap", Reason.QUOTA: "Waiting for the next month"}
MOST_ROUNDS = 20
MOST_ROLES = 8


class SessionQuerySet(OwnedQuerySet["Session"]):
    """Sessions of writers."""

    def active(self) -> Self:
        """Those at work now, or that go on by themselves once there are credits."""
        return self.filter(status__in=[Status.RUNNING, Status.AWAITING_CREDITS])

    def running(self) -> Self:
        """Those at work now."""
        return self.filter(status=Status.RUNNING)

    def ended(self) -> Self:
        """Those in which nothing more happens by itself."""
        return self.filter(status__in=ENDED)

    def with_held(self) -> Self:
        """Add `held`: the credits that open turns hold now."""
        turns = self.model._meta.get_field("turns").related_model._default_manager.filter(
            session=models.OuterRef("pk"), hold_id__isnull=False
        )
        held = turns.order_by().values("session").values(sum=models.Sum("hold_amount"))
        return self.annotate(held=models.functions.Coalesce(models.Subquery(held), 0))


class Session(models.Model):
    """One run of a team over a document. Under its row's lock rounds move on and credits settle."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="editorial_sessions"
    )
    project = models.ForeignKey(
        Project, on_delete=models.SET_NULL, null=True, blank=True, related_name="sessions"
    )
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="sessions")
    title = models.CharField(max_length=200)
    service = models.CharField(
        max_length=64, blank=True, help_text="What it was bought as: the plan's limits do not bound it."
    )
    instructions = models.TextField(max_length=4000, blank=True)

    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)
    wish = models.CharField(max_length=5, choices=Wish, default=Wish.NONE, blank=True)
    round = models.PositiveSmallIntegerField(default=0)
    phase = models.PositiveSmallIntegerField(choices=Phase, default=Phase.WRITING)
    reason_code = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    max_rounds = models.PositiveSmallIntegerField(
        default=3, validators=[MinValueValidator(1), MaxValueValidator(MOST_ROUNDS)]
    )
    score_threshold = models.DecimalField(
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(10))],
    )
    cap_credits = models.PositiveBigIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    approve_rounds = models.BooleanField(default=False)

    reviewed_round = models.PositiveSmallIntegerField(default=0, help_text="The last round the owner judged")
    is_round_rejected = models.BooleanField(default=False, help_text="The owner took this round's text back")

    tokens_per_credit = models.PositiveIntegerField(null=True, help_text="As the catalogue said at the start")
    output_weight = models.DecimalField(max_digits=7, decimal_places=3, default=Decimal(1))
    tokens_per_request = models.PositiveIntegerField(null=True, help_text="As the plan said at the start")
    shape = models.CharField(max_length=64, blank=True, help_text="Hash of its roles and models")
    expected_tokens = models.DecimalField(
        max_digits=30, decimal_places=9, null=True, help_text="Weighted tokens that the estimate foresaw"
    )
    weighted_tokens = models.DecimalField(max_digits=30, decimal_places=9, default=Decimal(0))
    spent = models.PositiveBigIntegerField(default=0)
    needed_credits = models.PositiveBigIntegerField(
        default=0, help_text="What the next step holds, while it waits for credits"
    )
    wakes_at = models.DateTimeField(
        null=True, help_text="When it looks again by itself, while the month's tokens are used"
    )
    stamp = models.PositiveBigIntegerField(default=0, help_text="Counts the changes followers are told of")

    base_number = models.PositiveIntegerField(null=True, help_text="The document's version at the start")
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="orchestration_session_status_known"
            ),
            models.CheckConstraint(
                condition=Q(max_rounds__gte=1, max_rounds__lte=MOST_ROUNDS),
                name="orchestration_session_rounds_bounded",
            ),
            models.CheckConstraint(
                condition=Q(round__lte=models.F("max_rounds")), name="orchestration_session_round_within_max"
            ),
            models.CheckConstraint(
                condition=Q(score_threshold=None) | Q(score_threshold__gte=0, score_threshold__lte=10),
                name="orchestration_session_threshold_is_a_score",
            ),
            models.CheckConstraint(
                condition=Q(cap_credits=None) | Q(cap_credits__gte=1),
                name="orchestration_session_cap_positive",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ENDED, ended_at__isnull=False) & ~Q(reason_code="")
                | ~Q(status__in=ENDED) & Q(ended_at=None),
                name="orchestration_session_ended_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.DRAFT, started_at=None, round=0)
                | ~Q(status=Status.DRAFT) & Q(started_at__isnull=False, round__gte=1),
                name="orchestration_session_started_or_draft",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.RUNNING) | Q(wish=Wish.NONE),
                name="orchestration_session_wish_only_while_running",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.AWAITING_CREDITS) | Q(wakes_at=None),
                name="orchestration_session_wakes_only_from_waiting",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="orchestration_session_newest"),
            models.Index(fields=["owner", "-created_at"], name="orchestration_session_recent"),
            models.Index(fields=["owner", "shape"], name="orchestration_session_shape"),
            models.Index(
                fields=["status"],
                condition=Q(status__in=[Status.RUNNING, Status.AWAITING_CREDITS]),
                name="orchestration_session_active",
            ),
        ]
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_running(self) -> bool:
        """Whether agents are at work, or about to be."""
        return self.status == Status.RUNNING

    @property
    def is_resting(self) -> bool:
        """Whether it waits for a person or for credits; the document is free to edit."""
        return self.status in RESTING

    @property
    def status_text(self) -> str:
        """Where it stands, in a few words; of one that waits, for what."""
        if self.status == Status.AWAITING_CREDITS and self.reason_code in _WAITS:
            return _WAITS[Reason(self.reason_code)]
        return self.get_status_display()

    @property
    def is_awaiting_review(self) -> bool:
        """Whether a finished round waits for its owner's judgement."""
        return self.status == Status.AWAITING_REVIEW

    @property
    def is_ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.status in ENDED

    def held_now(self) -> int:
        """Return the credits that its open turns hold: one query, none where it was read `with_held`."""
        known: int | None = getattr(self, "held", None)
        if known is not None:
            return known
        open_turns = self.turns.filter(hold_id__isnull=False)
        return open_turns.aggregate(held=models.Sum("hold_amount"))["held"] or 0

    def models_at_work(self) -> set[str]:
        """Return the models of its seats, and of turns put aside that run again on another: two queries."""
        suspended = self.turns.filter(status=TurnStatus.SUSPENDED).values_list("model", flat=True)
        return {*self.roles.values_list("model", flat=True), *suspended}

    @property
    def cap_left(self) -> int | None:
        """Credits that the cap still allows to spend; None without a cap."""
        return None if self.cap_credits is None else max(0, self.cap_credits - self.spent)


class SessionRole(models.Model):
    """A seat of the team: who works, on which model, by which criteria."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="roles")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=16, choices=Role)
    label = models.CharField(max_length=60)
    model = models.CharField(max_length=80)
    provider = models.CharField(max_length=40)
    temperature = models.DecimalField(
        max_digits=3,
        decimal_places=2,
        default=Decimal("0.7"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(2))],
    )
    instructions = models.TextField(
        max_length=4000, blank=True, help_text="In place of the role's own instructions"
    )
    criteria = models.JSONField()
    multiplier = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, help_text="The model's price as it was at the start"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "position"], name="orchestration_sessionrole_position_unique"
            ),
            models.UniqueConstraint(
                fields=["session", "label"], name="orchestration_sessionrole_label_unique"
            ),
            models.UniqueConstraint(
                fields=["session", "role"],
                condition=Q(role__in=[Role.WRITER, Role.SYNTHESIZER]),
                name="orchestration_sessionrole_one_writer_one_synthesizer",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="orchestration_sessionrole_role_known"
            ),
            models.CheckConstraint(
                condition=Q(temperature__gte=0, temperature__lte=2),
                name="orchestration_sessionrole_temperature_bounded",
            ),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Refuse criteria that are not criteria."""
        try:
            validated(self.criteria)
        except ValueError as error:
            raise ValidationError({"criteria": str(error)}) from error

    @property
    def is_editor(self) -> bool:
        """Whether the seat gives findings."""
        return self.role in EDITORS

    @property
    def weighted_criteria(self) -> list[Criterion]:
        """The criteria as the workflow uses them."""
        return validated(self.criteria)


class SessionReference(models.Model):
    """Another document of the writer that agents may read, and what they are to use it for."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="references")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    instructions = models.CharField(max_length=500, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "document"], name="orchestration_sessionreference_once"
            ),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return str(self.document)


class Note(models.Model):
    """Something the author tells the team; the turns that begin after it are given it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    round = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=2000)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="orchestration_note_says_something"),
        ]
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.text[:80]
