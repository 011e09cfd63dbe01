"""One state of a document's text: who made it, and why."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from accounts.models import User

AUTOSAVE_WINDOW = timedelta(minutes=10)


class DocumentVersion(models.Model):
    """A text as it stood. Only an autosaved head is written over, by the same person's next autosave."""

    class Cause(models.TextChoices):
        """What made the version."""

        CREATED = "created", "Created"
        IMPORTED = "imported", "Imported"
        AUTOSAVE = "autosave", "Autosaved"
        SAVE = "save", "Saved"
        AGENT = "agent", "Written by an agent"
        RESTORE = "restore", "Restored"
        MERGE = "merge", "Merged"
        CHOICE = "choice", "Changes chosen"

    document = models.ForeignKey("objects.Document", on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    body = models.TextField(blank=True)
    word_count = models.IntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    agent_label = models.CharField(max_length=120, blank=True)
    cause = models.CharField(max_length=10, choices=Cause)
    session_id = models.UUIDField(null=True, blank=True)
    turn_id = models.UUIDField(null=True, blank=True)
    base_number = models.IntegerField(null=True, blank=True, help_text="The version it was made from")
    changes_kept = models.IntegerField(null=True, blank=True, help_text="Of a choice: the changes taken over")
    changes_offered = models.IntegerField(null=True, blank=True, help_text="Of a choice: how many there were")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="objects_documentversion_number_unique"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="objects_documentversion_number_from_one"
            ),
            models.CheckConstraint(
                condition=Q(word_count__gte=0), name="objects_documentversion_words_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(
                    cause__in=[
                        "created",
                        "imported",
                        "autosave",
                        "save",
                        "agent",
                        "restore",
                        "merge",
                        "choice",
                    ]
                ),
                name="objects_documentversion_cause_known",
            ),
            models.CheckConstraint(
                condition=Q(cause="agent", author=None, session_id__isnull=False, turn_id__isnull=False)
                & ~Q(agent_label="")
                | ~Q(cause="agent") & Q(agent_label="", session_id=None, turn_id=None),
                name="objects_documentversion_agent_or_human",
            ),
            models.CheckConstraint(
                condition=Q(base_number=None, number=1)
                | Q(base_number__isnull=False, base_number__lt=F("number")),
                name="objects_documentversion_base_is_earlier",
            ),
            models.CheckConstraint(
                condition=Q(
                    cause="choice",
                    changes_kept__isnull=False,
                    changes_offered__isnull=False,
                    changes_kept__gte=0,
                    changes_kept__lt=F("changes_offered"),
                )
                | ~Q(cause="choice") & Q(changes_kept=None, changes_offered=None),
                name="objects_documentversion_choice_counted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["turn_id"],
                condition=Q(turn_id__isnull=False),
                name="objects_version_by_turn",
            ),
        ]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"Version {self.number}"

    @property
    def byline(self) -> str:
        """Who wrote it, as shown to people."""
        if self.agent_label:
            return self.agent_label
        return self.author.name if self.author else "A former member"

    @property
    def cause_text(self) -> str:
        """What made it, as shown to people."""
        if self.cause == self.Cause.CHOICE:
            return f"{self.changes_kept} of {self.changes_offered} changes kept"
        if self.cause == self.Cause.RESTORE:
            return f"Restored from version {self.base_number}"
        return self.get_cause_display()

    def takes_autosave(self, *, author: "User", at: datetime) -> bool:
        """Whether an autosave of `author` at this moment still belongs to this version."""
        return (
            self.cause == self.Cause.AUTOSAVE
            and self.author_id == author.pk
            and at - self.created_at <= AUTOSAVE_WINDOW
        )
