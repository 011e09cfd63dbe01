"""The words of an editorial session."""

from django.db.models import IntegerChoices, TextChoices


class Status(TextChoices):
    """Where a session stands."""

    DRAFT = "draft", "Draft"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    AWAITING_CREDITS = "awaiting_credits", "Waiting for credits"
    AWAITING_REVIEW = "awaiting_review", "Waiting for your review"
    COMPLETED = "completed", "Completed"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Failed"


ENDED = frozenset({Status.COMPLETED, Status.STOPPED, Status.FAILED})
"""Statuses in which nothing more happens by itself."""

RESTING = frozenset({Status.PAUSED, Status.AWAITING_CREDITS, Status.AWAITING_REVIEW})
"""Statuses in which a started session waits for a person or for credits, its document free to edit."""


class Wish(TextChoices):
    """What the owner asked of a running session; heeded within one token batch."""

    NONE = "", "None"
    PAUSE = "pause", "Pause"
    STOP = "stop", "Stop"


class Role(TextChoices):
    """Who takes a seat in a session."""

    WRITER = "writer", "Writer"
    CONTENT_EXPERT = "content_expert", "Content Expert"
    STYLE_EDITOR = "style_editor", "Style Editor"
    EDITOR = "editor", "Editor"
    SYNTHESIZER = "synthesizer", "Synthesizer"


EDITORS = frozenset({Role.CONTENT_EXPERT, Role.STYLE_EDITOR, Role.EDITOR})


class Phase(IntegerChoices):
    """The steps of a round, in order."""

    WRITING = 1, "Writer"
    EDITING = 2, "Editors"
    SYNTHESIS = 3, "Synthesizer"


def phase_of(role: str) -> Phase:
    """Return the phase in which `role` works."""
    if role == Role.WRITER:
        return Phase.WRITING
    return Phase.SYNTHESIS if role == Role.SYNTHESIZER else Phase.EDITING


class TurnStatus(TextChoices):
    """Where one agent's turn stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUSPENDED = "suspended", "Suspended"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE = (TurnStatus.QUEUED, TurnStatus.RUNNING)
"""A turn that a worker has, or may take."""


class FindingStatus(TextChoices):
    """What became of an editor's finding."""

    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    MERGED = "merged", "Merged into another"
    REJECTED = "rejected", "Rejected"
    APPLIED = "applied", "Applied"


class Severity(TextChoices):
    """How much a finding matters."""

    MINOR = "minor", "Minor"
    MODERATE = "moderate", "Moderate"
    MAJOR = "major", "Major"


class Tier(TextChoices):
    """How an evaluation was read out of an answer."""

    STRUCTURED = "structured", "Structured"
    NATURAL = "natural", "Read from prose"
    FALLBACK = "fallback", "Not readable"
