"""Pause, resume, stop, note: what the owner may say at any time."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from config.common.errors import Conflict, Invalid
from objects.quotas import hold_still
from orchestration import admission
from orchestration.models import Note, Session
from orchestration.runtime import progress
from orchestration.runtime.news import News
from orchestration.services.reaching import editable
from orchestration.workflow import endings
from orchestration.workflow.terms import Status, TurnStatus, Wish

_LONGEST_NOTE = 2000


@transaction.atomic
def pause(*, session_id: UUID, user: User) -> Session:
    """Ask the agents to stop within one token batch, and return the session; it is paused once they did.

    What is written so far is kept and charged, the rest of the holds returns. Again is the same; a session
    that waits already is returned as it is. Raises Missing, Conflict.
    """
    session = editable(session_id, user)
    if session.is_resting:
        return session
    if not session.is_running:
        raise Conflict("This session is not running.", details={"status": session.status})
    if session.wish != Wish.NONE:
        return session
    return wish(session, Wish.PAUSE)


@transaction.atomic
def resume(*, session_id: UUID, user: User) -> Session:
    """Let a session that is paused, or waits for credits, go on where it stopped, and return it.

    Without the credits for the next step it waits for them (`awaiting_credits`) and goes on by itself.
    A running one is returned as it is, a wish to pause taken back.
    Raises Missing, Conflict, Refused, TooMany.
    """
    hold_still(user)
    session = editable(session_id, user)
    news = News(session)
    if session.is_running:
        _take_back_pause(session)
        news.tell()
        return session
    if session.status == Status.AWAITING_REVIEW:
        raise Conflict("This round waits for your review: approve or reject it to go on.")
    if not session.is_resting:
        raise Conflict("This session cannot be resumed.", details={"status": session.status})
    admission.require_open(session)
    models = session.models_at_work()
    if session.service:
        admission.require_work(user=user, models=models)
    else:
        admission.require_turn(user=user, models=models)
    if progress.take_up(session, news):
        admission.count_request(user, models)
    news.tell()
    return session


@transaction.atomic
def stop(*, session_id: UUID, user: User) -> Session:
    """Ask for the end, and return the session; it has ended once the agents stopped, within a token batch.

    Everything written is kept. An ended session is returned as it is. Raises Missing, Conflict for a draft.
    """
    session = editable(session_id, user)
    if session.is_ended or session.wish == Wish.STOP:
        return session
    if session.is_running:
        return wish(session, Wish.STOP)
    if not session.is_resting:
        raise Conflict("This session was never started.", details={"status": session.status})
    news = News(session)
    progress.end(session, endings.stopped(session.round), news)
    news.tell()
    return session


@transaction.atomic
def add_note(*, session_id: UUID, user: User, text: str) -> Note:
    """Leave a note for the turns that begin from now on. Raises Missing, Invalid, Conflict at the end."""
    session = editable(session_id, user)
    text = text.strip()
    if not text or len(text) > _LONGEST_NOTE:
        raise Invalid(
            f"A note has 1 to {_LONGEST_NOTE} characters.",
            details={"fields": {"text": ["1 to 2 000 characters."]}},
        )
    if session.is_ended:
        raise Conflict("This session has ended: nobody would read the note.")
    return Note.objects.create(session=session, author=user, round=session.round, text=text)


def wish(session: Session, wanted: Wish) -> Session:
    """Set the wish of a session whose row is held; turns that no worker has yet are put aside at once."""
    session.wish = wanted
    session.save(update_fields=["wish"])
    news = News(session)
    queued = session.turns.select_for_update(of=("self",)).filter(status=TurnStatus.QUEUED)
    for turn in queued.select_related("role"):
        if wanted == Wish.STOP:
            progress.cancel(session, turn, news)
        else:
            progress.suspend(session, turn, news)
    progress.step_over(session, news)
    news.tell()
    return session


def _take_back_pause(session: Session) -> None:
    """Let a session that was asked to pause run on, with the turns that have stopped already."""
    if session.wish != Wish.PAUSE:
        return
    session.wish = Wish.NONE
    session.save(update_fields=["wish"])
    suspended = list(session.turns.filter(status=TurnStatus.SUSPENDED).select_related("role"))
    if suspended:
        progress.requeued(session, suspended)  # else they are looked at again when the others are done
