"""The finding: one thing an editor wants changed, and what became of it."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q

from orchestration.models.session import Session
from orchestration.models.turn import Turn
from orchestration.workflow.terms import FindingStatus, Severity


class FindingQuerySet(models.QuerySet["Finding"]):
    """Findings by what became of them."""

    def of_round(self, session: Session, number: int) -> Self:
        """Those that the standing turns of round `number` gave."""
        return self.filter(session=session, turn__round=number, turn__is_superseded=False)

    def unresolved(self) -> Self:
        """Those nobody has decided about."""
        return self.filter(status=FindingStatus.OPEN)


class Finding(models.Model):
    """An editor's remark, anchored to a passage of one version where the passage could be found.

    `start` and `end` are character offsets in version `version_number`; without them the remark concerns the
    whole, or quotes words that do not stand there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="findings")
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="findings")
    number = models.PositiveIntegerField()
    category = models.CharField(max_length=40)
    severity = models.CharField(max_length=10, choices=Severity)
    message = models.TextField()
    suggestion = models.TextField(blank=True)
    quote = models.TextField(blank=True)
    occurrence = models.PositiveIntegerField(default=1)
    version_number = models.PositiveIntegerField()
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    status = models.CharField(max_length=10, choices=FindingStatus, default=FindingStatus.OPEN)
    resolution = models.TextField(blank=True, help_text="Why it was accepted, merged or rejected")
    resolved_by = models.ForeignKey(
        Turn, on_delete=models.SET_NULL, null=True, related_name="resolved_findings"
    )
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="merged")

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="orchestration_finding_number_unique"),
            models.CheckConstraint(
                condition=Q(status__in=FindingStatus.values), name="orchestration_finding_status_known"
            ),
            models.CheckConstraint(
                condition=Q(start=None, end=None)
                | Q(start__isnull=False, end__isnull=False, end__gt=F("start")),
                name="orchestration_finding_anchor_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status=FindingStatus.REJECTED) | ~Q(resolution=""),
                name="orchestration_finding_rejected_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="orchestration_finding_not_into_itself",
            ),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}: {self.message[:80]}"
