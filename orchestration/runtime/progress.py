"""Moves a session on: opens phases, closes rounds, rests and ends. The caller holds the session's row."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from config.common import clock
from objects import services as documents
from orchestration import admission, notices
from orchestration.context import material_for
from orchestration.models import Finding, Quote, Session, SessionRole, Turn
from orchestration.runtime import charging
from orchestration.runtime.charging import CannotPay
from orchestration.runtime.dispatch import ring_on_commit
from orchestration.runtime.months import MonthUsed, require_another_round
from orchestration.runtime.news import News
from orchestration.runtime.plans import Ceiling, ceiling
from orchestration.workflow import endings
from orchestration.workflow.endings import Ending, Reason
from orchestration.workflow.outcomes import Outcome
from orchestration.workflow.terms import (
    EDITORS,
    FindingStatus,
    Phase,
    Role,
    Status,
    TurnStatus,
    Wish,
    phase_of,
)
from orchestration.workflow.transitions import first_phase, may_become, next_phase

_NO_SYNTHESIZER = "This team has no Synthesizer: every finding counts."


def locked(session_id: UUID) -> Session:
    """Return the session, its row held until the transaction ends. Raises Session.DoesNotExist."""
    return (
        Session.objects.select_for_update(of=("self",)).select_related("owner", "document").get(pk=session_id)
    )


def open_phase(session: Session, phase: Phase) -> None:
    """Create, pay for and ring the turns of `phase`. Raises CannotPay, and then nothing was changed."""
    roles = [role for role in session.roles.all() if phase_of(role.role) == phase]
    turns = [_new_turn(session, role, phase) for role in roles]
    charging.hold_for(session, [(turn, _ceiling(session, turn)) for turn in turns])
    session.phase = phase
    for turn in turns:
        turn.save(force_insert=True)
    ring_on_commit(turn.pk for turn in turns)


def open_first_phase(session: Session) -> None:
    """Open the phase that a round begins with. Raises CannotPay, and then nothing was changed."""
    open_phase(session, first_phase([role.role for role in session.roles.all()]))


def open_round(session: Session) -> None:
    """Begin the next round with who comes first in it.

    Raises CannotPay or MonthUsed, and then nothing was changed.
    """
    require_another_round(session)
    session.round += 1
    try:
        open_first_phase(session)
    except CannotPay:
        session.round -= 1
        raise
    session.is_round_rejected = False


def requeue(session: Session, turns: Sequence[Turn]) -> None:
    """Let suspended `turns` go on where they stopped, each with a new hold. Raises CannotPay.

    A turn whose text is about a version that is no longer the current one begins again from that.
    """
    current = session.document.current_number
    for turn in turns:
        if turn.base_number != current:
            turn.base_number, turn.partial = current, ""
            turn.reason = "The document was edited meanwhile: this turn began again from the new text."
    charging.hold_for(session, [(turn, _ceiling(session, turn)) for turn in turns])
    for turn in turns:
        turn.status = TurnStatus.QUEUED
        turn.save()
    ring_on_commit(turn.pk for turn in turns)


def requeued(session: Session, turns: Sequence[Turn]) -> bool:
    """Let suspended `turns` go on beside others at work; False where that cannot be paid."""
    try:
        requeue(session, turns)
    except CannotPay:
        return False
    return True


def take_up(session: Session, news: News) -> bool:
    """Let a resting session go on where it stopped; saves it, and returns whether it runs.

    Suspended turns go on, else what follows is opened. Where it cannot be paid, the session waits for
    credits. Raises DocumentLocked where another session writes the document.
    """
    run(session)
    suspended = list(session.turns.filter(status=TurnStatus.SUSPENDED).select_related("role"))
    if suspended:
        _try(session, lambda: requeue(session, suspended))
    elif session.turns.of_step(session).exists():
        go_on(session, news)
    else:
        _try(session, lambda: open_phase(session, Phase(session.phase)))
    return session.is_running


def reopen(session: Session, turn: Turn, *, model: str, provider: str, multiplier: Decimal) -> None:
    """Put a new turn, on another model, in the place of one that no longer counts; saves the session.

    Where it cannot be paid the session waits for credits with the new turn put aside.
    """
    run(session)
    again = _new_turn(session, turn.role, Phase(turn.phase))
    again.model, again.provider, again.multiplier = model, provider, multiplier
    again.status = TurnStatus.SUSPENDED
    again.save(force_insert=True)
    session.reviewed_round = min(session.reviewed_round, session.round - 1)
    waiting = list(session.turns.filter(status=TurnStatus.SUSPENDED).select_related("role"))
    _try(session, lambda: requeue(session, waiting))


def step_over(session: Session, news: News) -> None:
    """Look what follows now that a turn of the present phase is no longer at work; saves the session."""
    turns = list(session.turns.of_step(session).select_related("role"))
    suspended = [turn for turn in turns if turn.status == TurnStatus.SUSPENDED]
    if suspended and session.wish == Wish.NONE and requeued(session, suspended):
        return
    if any(turn.status in (TurnStatus.QUEUED, TurnStatus.RUNNING) for turn in turns):
        return
    failed = [turn for turn in turns if turn.status == TurnStatus.FAILED]
    if session.wish == Wish.STOP or any(turn.status == TurnStatus.CANCELLED for turn in turns):
        end(session, _stopping(session), news)
    elif failed:
        end(session, endings.failed(failed[0].role.label, failed[0].reason), news)
    elif suspended and session.wish == Wish.PAUSE:
        rest(session, Status.PAUSED)
    elif suspended:
        _try(session, lambda: requeue(session, suspended))
    else:
        go_on(session, news)


def go_on(session: Session, news: News) -> None:
    """Open what follows the finished phase, or close the round; saves the session."""
    following = next_phase(session.phase, [role.role for role in session.roles.all()])
    if following is None:
        _close_round(session, news)
    elif session.wish == Wish.PAUSE:
        rest(session, Status.PAUSED)
    else:
        _try(session, lambda: open_phase(session, following))


def end(session: Session, ending: Ending, news: News) -> None:
    """End the session: the document is free, what was suspended is cancelled, nothing is held."""
    for turn in session.turns.filter(status=TurnStatus.SUSPENDED).select_related("role"):
        cancel(session, turn, news)
    _become(session, ending.status)
    session.reason_code, session.reason = ending.code, ending.text[:500]
    session.ended_at = clock.now()
    session.save()
    if session.status == Status.COMPLETED:
        _compare_with_quote(session)
    documents.unlock_document(document_id=session.document_id, holder=session.pk)
    notices.tell_end(session)


def _compare_with_quote(session: Session) -> None:
    """Write beside the quote what the run took, the first time that it completes."""
    quoted = Quote.objects.filter(session=session, completed_at=None)
    quoted.update(spent=session.spent, used=session.weighted_tokens, completed_at=session.ended_at)


def rest(
    session: Session,
    status: Status,
    *,
    code: str = "",
    text: str = "",
    needed: int = 0,
    wakes_at: datetime | None = None,
) -> None:
    """Let the session wait in `status`, its document free to edit; saves it."""
    _become(session, status)
    session.reason_code, session.reason, session.needed_credits = code, text[:500], needed
    session.wakes_at = wakes_at
    session.save()
    documents.unlock_document(document_id=session.document_id, holder=session.pk)
    notices.tell_wait(session)


def run(session: Session) -> None:
    """Set the session to work, its document locked; saves it. Raises DocumentLocked."""
    documents.lock_document(document_id=session.document_id, holder=session.pk)
    session.document.refresh_from_db()
    _become(session, Status.RUNNING)
    session.reason_code = session.reason = ""
    session.needed_credits, session.ended_at = 0, None
    session.save()


def cancel(session: Session, turn: Turn, news: News) -> None:
    """End a turn that no worker has; what it holds is released, what it wrote is kept."""
    charging.release(turn)
    turn.status, turn.outcome = TurnStatus.CANCELLED, Outcome.CANCELLED
    by_studio = session.reason if session.reason_code == Reason.OPERATOR else ""
    turn.reason = turn.reason or by_studio or "You stopped the session before this turn was done."
    turn.output, turn.partial = turn.partial, ""
    turn.finished_at = clock.now()
    turn.save()
    news.turn_ended(turn)


def suspend(session: Session, turn: Turn, news: News) -> None:
    """Put a turn aside that no worker has; what it holds is released."""
    charging.release(turn)
    turn.status = TurnStatus.SUSPENDED
    turn.save()
    news.turn_ended(turn)


def waiting_for(error: CannotPay) -> str:
    """Put into words why the next step cannot be paid."""
    amount = f"{error.needed} {'credit' if error.needed == 1 else 'credits'}"
    if error.code == Reason.CAP:
        return (
            f"The next step may take {amount}, the session's cap leaves {error.available}. "
            "Raise the cap to go on; nothing is lost."
        )
    if error.is_parked:
        return "Your credits are being checked. Nothing is lost; it goes on by itself afterwards."
    if error.owed:
        owed = f"{error.owed} {'credit' if error.owed == 1 else 'credits'}"
        return (
            f"Your account owes {owed} whose money went back. Buy credits to settle them: "
            "it goes on by itself afterwards, nothing is lost."
        )
    return (
        f"The next step holds {amount}, {error.available} are available. "
        "It goes on by itself once there are enough."
    )


def _close_round(session: Session, news: News) -> None:
    if session.approve_rounds and session.reviewed_round < session.round:
        _accept_open_findings(session, news)
        rest(
            session,
            Status.AWAITING_REVIEW,
            text=f"Round {session.round} is done. It goes on once you have seen its changes.",
        )
        return
    _accept_open_findings(session, news)
    ending = endings.after_round(_round_of(session))
    if ending:
        end(session, ending, news)
    elif session.wish == Wish.PAUSE:
        rest(session, Status.PAUSED)
    else:
        _try(session, lambda: open_round(session))


def _stopping(session: Session) -> Ending:
    """Return the ending of a session that is asked to stop: in its owner's words, or in the studio's."""
    if session.reason_code == Reason.OPERATOR:
        return Ending(Status.STOPPED, Reason.OPERATOR, session.reason)
    return endings.stopped(session.round)


def _round_of(session: Session) -> endings.Round:
    standing = session.turns.standing().filter(round=session.round).select_related("role")
    turns = list(standing.defer("output", "partial"))
    scoring = [turn for turn in turns if turn.role.role != Role.SYNTHESIZER]
    editors = [turn for turn in turns if turn.role.role in EDITORS]
    return endings.Round(
        number=session.round,
        max_rounds=session.max_rounds,
        threshold=session.score_threshold,
        score=endings.round_score([turn.score for turn in scoring]),
        editors=len(editors),
        findings=Finding.objects.of_round(session, session.round).count(),
        editors_readable=all(turn.is_readable for turn in editors),
        rejected=session.is_round_rejected,
    )


def _accept_open_findings(session: Session, news: News) -> None:
    """Without a Synthesizer nothing decides about findings: all of them are given to the Writer."""
    open_ones = Finding.objects.of_round(session, session.round).unresolved().select_related("merged_into")
    for finding in open_ones:
        finding.status, finding.resolution = FindingStatus.ACCEPTED, _NO_SYNTHESIZER
        finding.save()
        news.finding(finding)


def _try(session: Session, step: Callable[[], None]) -> None:
    """Take `step`; where it cannot be paid, wait for credits, and where the month is used, for the next.

    Where the plan fell meanwhile and its project is read-only now, the session pauses instead.
    """
    closed = admission.closed(session)
    if closed is not None:
        text = f"{closed.message} What is written is kept; resume it once the plan carries the project again."
        rest(session, Status.PAUSED, code=Reason.PLAN, text=text)
        return
    try:
        step()
    except CannotPay as error:
        rest(
            session,
            Status.AWAITING_CREDITS,
            code=error.code,
            text=waiting_for(error),
            needed=error.needed,
        )
    except MonthUsed as error:
        rest(
            session,
            Status.AWAITING_CREDITS,
            code=Reason.QUOTA,
            text=error.text,
            wakes_at=error.until,
        )
    else:
        session.save()


def _become(session: Session, status: Status) -> None:
    if session.status != status:
        assert may_become(session.status, status), f"{session.status} to {status}"  # noqa: S101
        session.status = status
    session.wish, session.wakes_at = Wish.NONE, None


def _new_turn(session: Session, role: SessionRole, phase: Phase) -> Turn:
    assert role.multiplier is not None  # noqa: S101 - set when the session started
    return Turn(
        session=session,
        role=role,
        round=session.round,
        phase=phase,
        model=role.model,
        provider=role.provider,
        multiplier=role.multiplier,
        base_number=session.document.current_number,
    )


def _ceiling(session: Session, turn: Turn) -> Ceiling:
    material = material_for(session, turn.role, turn=turn)
    price = charging.price_of(session, turn.multiplier)
    return ceiling(material, price=price, most=session.tokens_per_request, prefix=turn.partial)
