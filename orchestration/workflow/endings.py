"""When a session ends, and what it says then."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from orchestration.workflow.terms import Status


class Reason(StrEnum):
    """Why a session ended or waits."""

    MAX_ROUNDS = "max_rounds"
    SCORE_THRESHOLD = "score_threshold"
    NO_CHANGES = "no_changes"
    STOPPED = "stopped"
    OPERATOR = "operator"
    ERROR = "error"
    CREDITS = "credits"
    CAP = "cap"
    QUOTA = "quota"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Ending:
    """The status a session ends in, with the reason as a code and in words."""

    status: Status
    code: Reason
    text: str


@dataclass(frozen=True, slots=True)
class Round:
    """What a finished round tells about going on.

    `score` is None where no evaluation could be read; `editors_readable` is False where an editor's
    findings could not be read, so that their absence means nothing.
    """

    number: int
    max_rounds: int
    threshold: Decimal | None
    score: Decimal | None
    editors: int
    findings: int
    editors_readable: bool = True
    rejected: bool = False


def after_round(done: Round) -> Ending | None:
    """Return the ending that a finished round brings, or None where another round follows.

    A round whose version the owner rejected ends the session only by being the last.
    """
    if not done.rejected:
        if done.threshold is not None and done.score is not None and done.score >= done.threshold:
            return Ending(
                Status.COMPLETED,
                Reason.SCORE_THRESHOLD,
                f"Round {done.number} scored {done.score}, at or above your threshold of {done.threshold}.",
            )
        if done.editors and not done.findings and done.editors_readable:
            return Ending(Status.COMPLETED, Reason.NO_CHANGES, "No editor asks for another change.")
    if done.number >= done.max_rounds:
        rounds = (
            "The one round is done." if done.max_rounds == 1 else f"All {done.max_rounds} rounds are done."
        )
        return Ending(Status.COMPLETED, Reason.MAX_ROUNDS, rounds)
    return None


def stopped(round_number: int) -> Ending:
    """Return the ending of a session that its owner stopped."""
    return Ending(
        Status.STOPPED, Reason.STOPPED, f"You stopped it in round {round_number}. Everything is kept."
    )


def stopped_by_studio(why: str) -> Ending:
    """Return the ending of a session that an operator stopped, in words its owner reads."""
    return Ending(Status.STOPPED, Reason.OPERATOR, f"The studio stopped it. {why}")


def failed(label: str, why: str) -> Ending:
    """Return the ending of a session whose agent `label` could not finish its turn."""
    return Ending(Status.FAILED, Reason.ERROR, f"{label} could not finish its turn. {why}")


def round_score(means: Sequence[Decimal | None]) -> Decimal | None:
    """Return the mean of the evaluations that could be read, to two decimals.

    An evaluation that could not be read (None) is left out: it neither ends a session nor prolongs one.
    """
    read = [mean for mean in means if mean is not None]
    if not read:
        return None
    return (sum(read, Decimal(0)) / len(read)).quantize(Decimal("0.01"))
