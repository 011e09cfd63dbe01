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


NOT_BEGUN = "Not begun: nothing was charged, all that was held came back."


def charge_reason(outcome: Outcome, *, metered: bool, paid: int, absorbed: int) -> str:
    """Say why a turn, or one attempt of it, cost what it did, in words its owner reads.

    `metered` tells whether it used any token that counts, `absorbed` what the studio paid above the hold.
    """
    if not is_charged(outcome):
        return REASONS[outcome]
    what = REASONS[outcome].partition(":")[0]
    if not metered:
        return f"{what} before it wrote anything: nothing was charged."
    if absorbed:
        credits = "credit" if absorbed == 1 else "credits"
        return f"{REASONS[outcome]} It used {absorbed} {credits} more than were held: the studio paid them."
    if not paid:
        return f"{what}: what it used fits into a credit that this session had paid already."
    return REASONS[outcome]
