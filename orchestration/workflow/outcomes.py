"""What a turn costs by how it came out; published, so that a bill can be argued with."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a turn, or one attempt of it, came out."""

    COMPLETED = "completed"
    TRUNCATED = "truncated"
    CANCELLED = "cancelled"
    FAILED_AFTER_OUTPUT = "failed_after_output"
    FAILED_BEFORE_OUTPUT = "failed_before_output"
    MALFORMED = "malformed"


CHARGED = frozenset({Outcome.COMPLETED, Outcome.TRUNCATED, Outcome.CANCELLED, Outcome.FAILED_AFTER_OUTPUT})
"""Outcomes that cost their metered tokens, at most the hold; the others cost nothing."""

REASONS = {
    Outcome.COMPLETED: "Finished: charged for the tokens it used.",
    Outcome.TRUNCATED: "Cut off at the length that was reserved: charged for the tokens it used.",
    Outcome.CANCELLED: "Interrupted: charged for the tokens used until then; the text so far is kept.",
    Outcome.FAILED_AFTER_OUTPUT: "Broke off: charged for the tokens used until then; the text is kept.",
    Outcome.FAILED_BEFORE_OUTPUT: "Failed before it wrote anything: nothing was charged.",
    Outcome.MALFORMED: "The answer could not be used: nothing was charged.",
}


def is_charged(outcome: Outcome) -> bool:
    """Tell whether a turn with `outcome` costs its metered tokens."""
    return outcome in CHARGED
