"""What the session pages show: seats, rounds, findings and the sentence above them."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.estimates import remaining
from orchestration.marks import Passage
from orchestration.models import Finding, Quote, Session, SessionRole, Turn
from orchestration.workflow.endings import Reason
from orchestration.workflow.outcomes import Outcome
from orchestration.workflow.terms import FindingStatus, Phase, Role, Status, Tier, TurnStatus

_STATES = {
    TurnStatus.QUEUED: "waiting",
    TurnStatus.RUNNING: "running",
    TurnStatus.SUSPENDED: "paused",
    TurnStatus.FINISHED: "done",
    TurnStatus.FAILED: "failed",
    TurnStatus.CANCELLED: "cancelled",
}
_DOING = {
    Phase.WRITING: "the Writer at work",
    Phase.EDITING: "editors at work",
    Phase.SYNTHESIS: "the Synthesizer at work",
}
_CARD_STATE = {
    FindingStatus.OPEN: "open",
    FindingStatus.ACCEPTED: "accepted",
    FindingStatus.APPLIED: "accepted",
    FindingStatus.MERGED: "rejected",
    FindingStatus.REJECTED: "rejected",
}
_TIER_NOTES = {
    Tier.NATURAL: ("scores read from prose", "plain"),
    Tier.FALLBACK: ("scores not readable", "warn"),
}


@dataclass(frozen=True)
class Chip:
    """A word beside a turn."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True)
class Seat:
    """One agent of the team in one round, as `components/session_turn.html` shows it."""

    id: str
    name: str
    state: str
    cost: str
    text: str
    model: str
    chips: list[Chip] = field(default_factory=list)
    scores: list[dict[str, Any]] = field(default_factory=list)
    commentary: str = ""
    charge: str = ""
    """Why it cost what it did."""


@dataclass(frozen=True)
class RoundSegment:
    """One segment of the rounds bar: done, now (with its phase), or still to come."""

    state: str = ""
    phase: int | None = None


@dataclass(frozen=True)
class FindingCard:
    """A finding as `components/session_finding.html` shows it."""

    number: int
    state: str
    author: str
    kind: str
    quote: str
    suggestion: str
    reason: str
    outcome: str


def credits_text(amount: int) -> str:
    """Return "1 credit", "4 credits", or nothing for nothing."""
    return "" if not amount else f"{amount} credit" if amount == 1 else f"{amount} credits"


@dataclass(frozen=True)
class Waiting:
    """What a session that waits for credits still needs, as `_waiting.html` shows it.

    `low` and `high` bound what remains, `suggested` is a cap that carries it to its end.
    """

    at_cap: bool
    for_month: bool
    low: int
    high: int
    suggested: int


def waiting_of(session: Session) -> Waiting | None:
    """Return what `session` waits for; None where it does not wait for credits."""
    if session.status != Status.AWAITING_CREDITS:
        return None
    ahead = remaining(session)
    return Waiting(
        at_cap=session.reason_code == Reason.CAP,
        for_month=session.reason_code == Reason.QUOTA,
        low=ahead.low,
        high=ahead.high,
        suggested=session.spent + max(session.needed_credits, ahead.high),
    )


def forecast_text(session: Session) -> str:
    """Return what `session` was quoted, in a sentence; nothing before it is started."""
    quote = Quote.objects.filter(session=session).first()
    if quote is None:
        return ""
    if session.is_ended or session.status == Status.AWAITING_CREDITS:  # which tells anew what remains
        return f"It was quoted {quote}."
    return f"Likely {quote} in all."


def headline(session: Session) -> str:
    """Return what is happening, in a few words."""
    if session.status == Status.DRAFT:
        return "Not started"
    if session.status == Status.RUNNING:
        return f"Round {session.round}, {_DOING[Phase(session.phase)]}"
    if session.status == Status.PAUSED:
        return f"Paused in round {session.round}"
    if session.status == Status.AWAITING_REVIEW:
        return f"Round {session.round} waits for your review"
    return session.status_text


def round_segments(session: Session) -> list[RoundSegment]:
    """Return the segments of the rounds bar."""
    if session.status == Status.COMPLETED:
        return [RoundSegment("done" if n <= session.round else "") for n in range(1, session.max_rounds + 1)]
    return [
        RoundSegment("done")
        if n < session.round
        else RoundSegment("now", session.phase)
        if n == session.round
        else RoundSegment()
        for n in range(1, session.max_rounds + 1)
    ]


Tally = Mapping[Any, Counter[str]]
"""By turn: how many findings it made or decided about, by what became of them."""


def tally(findings: Iterable[Finding]) -> Tally:
    """Count findings by the turn that made them and by the one that decided about them."""
    counts: dict[Any, Counter[str]] = {}
    for finding in findings:
        for turn in (finding.turn_id, finding.resolved_by_id):
            counts.setdefault(turn, Counter())[finding.status] += 1
    return counts


def seats(
    roles: Sequence[SessionRole], turns: Iterable[Turn], number: int, *, counts: Tally, details: bool
) -> list[Seat]:
    """Return the team in round `number`: one seat a role, whether or not its turn has come.

    `details` adds the scores of each turn.
    """
    by_role = {turn.role_id: turn for turn in turns if turn.round == number and not turn.is_superseded}
    open_phases = {turn.phase for turn in by_role.values() if turn.status != TurnStatus.FINISHED}
    done = {turn.phase for turn in by_role.values()} - open_phases
    return [
        _seat(role, by_role[role.pk], counts, details=details)
        if role.pk in by_role
        else Seat(
            id=f"{role.pk}",
            name=role.label,
            state="waiting",
            cost="",
            text=_waits(role, roles, done),
            model=role.model,
        )
        for role in roles
    ]


def _waits(role: SessionRole, roles: Sequence[SessionRole], done: Collection[int]) -> str:
    """Say what a turn that has not begun waits for, where the phases `done` are behind it."""
    editors = sum(1 for other in roles if other.is_editor)
    last = Phase.EDITING if role.role == Role.SYNTHESIZER and editors else Phase.WRITING
    if role.role == Role.WRITER:
        return "Waits for its turn"
    if last in done:
        return "Next in turn"
    if last == Phase.WRITING:
        return "Waits for the Writer"
    return "Waits for the editor" if editors == 1 else "Waits for all editors"


def _seat(role: SessionRole, turn: Turn, counts: Tally, *, details: bool) -> Seat:
    state = _STATES[TurnStatus(turn.status)]
    finished = turn.status == TurnStatus.FINISHED
    return Seat(
        id=str(turn.pk),
        name=role.label,
        state=state,
        cost=credits_text(turn.credits),
        text=_says(role, turn, counts.get(turn.pk, Counter())),
        model=turn.model,
        chips=_chips(turn, details=details),
        scores=_scores(turn) if details and finished else [],
        commentary=turn.summary if role.role == Role.WRITER else turn.text,
        charge=turn.charge_reason,
    )


def _says(role: SessionRole, turn: Turn, count: Counter[str]) -> str:
    if turn.status == TurnStatus.FINISHED:
        return _result(role, turn, count) if turn.outcome == Outcome.COMPLETED else turn.reason
    if turn.status == TurnStatus.RUNNING:
        return "At work"
    if turn.status == TurnStatus.QUEUED:
        return "About to begin"
    if turn.status == TurnStatus.SUSPENDED:
        return "Paused; it goes on from the same word"
    return turn.reason


_FATES = {
    FindingStatus.ACCEPTED: "accepted",
    FindingStatus.APPLIED: "applied",
    FindingStatus.MERGED: "merged",
    FindingStatus.REJECTED: "rejected",
}


def _result(role: SessionRole, turn: Turn, count: Counter[str]) -> str:
    """Return what came of a finished turn, in one line."""
    if role.role == Role.WRITER:
        return re.split(r"(?<=[.!?])\s", turn.summary.strip(), maxsplit=1)[0]
    if role.role == Role.SYNTHESIZER:
        fates = [f"{count[status]} {word}" for status, word in _FATES.items() if count[status]]
        return ", ".join(fates) or "Nothing to decide"
    found = count.total()
    return "Nothing to change" if not found else "1 finding" if found == 1 else f"{found} findings"


def _chips(turn: Turn, *, details: bool) -> list[Chip]:
    chips = []
    if turn.status == TurnStatus.FINISHED and details:
        if turn.score is not None and turn.evaluation_tier != Tier.FALLBACK:
            chips.append(Chip(f"{turn.score:.1f} of 10", "good" if turn.score >= 8 else "plain"))
        if turn.evaluation_tier in _TIER_NOTES:
            chips.append(Chip(*_TIER_NOTES[Tier(turn.evaluation_tier)]))
    if turn.attempt > 1 and turn.status == TurnStatus.RUNNING:
        chips.append(Chip(f"attempt {turn.attempt}"))
    return chips


def _scores(turn: Turn) -> list[dict[str, Any]]:
    scores = turn.evaluation.get("scores", {})
    return [
        {"criterion": name.capitalize(), "score": given.get("score"), "reason": given.get("reason", "")}
        for name, given in scores.items()
    ]


def finding_cards(findings: Iterable[Finding]) -> list[FindingCard]:
    """Return findings as cards; each needs its turn and role loaded."""
    return [
        FindingCard(
            number=finding.number,
            state=_CARD_STATE[FindingStatus(finding.status)],
            author=finding.turn.role.label,
            kind=finding.category.replace("_", " "),
            quote=finding.quote,
            suggestion=finding.suggestion,
            reason=finding.message,
            outcome=_outcome(finding),
        )
        for finding in findings
    ]


def _outcome(finding: Finding) -> str:
    if finding.status == FindingStatus.OPEN:
        return ""
    label = finding.get_status_display()
    return f"{label}: {finding.resolution}" if finding.resolution else label


def passages(findings: Iterable[Finding], version_number: int) -> list[Passage]:
    """Return where to mark version `version_number`: the findings that are anchored in it."""
    return [
        Passage(f.number, f.start, f.end, _CARD_STATE[FindingStatus(f.status)])
        for f in findings
        if f.version_number == version_number and f.start is not None and f.end is not None
    ]
