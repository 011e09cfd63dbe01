"""What the studio may do to anybody's session: stop, cancel, retry, pause, free what a dead one holds."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts import audit
from accounts.models import User
from billing import entitlements
from config.common.errors import Conflict
from credits import ledger
from objects.quotas import hold_still
from orchestration import admission
from orchestration.books import open_holds_of
from orchestration.models import Session
from orchestration.runtime import progress
from orchestration.runtime.finishing import log_lost_call
from orchestration.runtime.news import News
from orchestration.services.control import wish
from orchestration.services.rerun import require_available, run_again
from orchestration.workflow import endings
from orchestration.workflow.terms import ACTIVE, Status, TurnStatus, Wish

_BATCH = 500


@transaction.atomic
def stop_for_studio(*, session_id: UUID, reason: str, actor: User) -> Session:
    """Ask in `actor`'s name for the end of anybody's session, and return it; its owner reads `reason`.

    It has ended once the agents stopped, within a token batch. Everything written is kept. Raises
    Conflict for one that was never started, has ended, or is stopping already.
    """
    session = progress.locked(session_id)
    if session.status == Status.DRAFT or session.is_ended:
        raise Conflict(f"“{session}” does not run.")
    if session.wish == Wish.STOP:
        raise Conflict(f"“{session}” is stopping already.")
    ending = endings.stopped_by_studio(reason)
    _audit("session.stopped", session, actor, reason, {"status": session.status})
    session.reason_code, session.reason = ending.code, ending.text[:500]
    if session.is_running:
        session.save(update_fields=["reason_code", "reason"])
        return wish(session, Wish.STOP)
    news = News(session)
    progress.end(session, ending, news)
    news.tell()
    return session


@transaction.atomic
def cancel_for_studio(*, session_id: UUID, reason: str, actor: User) -> Session:
    """End anybody's session in `actor`'s name at once, and return it; its owner reads `reason`.

    Where stopping waits for the agents and charges what they have written, this shuts them out: turns at work
    end here and cost their owner nothing, what they wrote is kept, everything held returns. Raises Conflict
    for one that was never started or has ended.
    """
    session = progress.locked(session_id)
    if session.status == Status.DRAFT or session.is_ended:
        raise Conflict(f"“{session}” does not run.")
    held = sum(hold.amount for hold in open_holds_of(session))
    _audit("session.cancelled", session, actor, reason, {"status": session.status, "held": held})
    ending, news = endings.stopped_by_studio(reason), News(session)
    session.reason_code, session.reason = ending.code, ending.text[:500]
    active = session.turns.select_for_update(of=("self",)).filter(status__in=ACTIVE).select_related("role")
    for turn in active:
        if turn.status == TurnStatus.RUNNING:
            log_lost_call(turn, "An operator cancelled the session during the call.")
        progress.cancel(session, turn, news)
    progress.end(session, ending, news)
    news.tell()
    return session


@transaction.atomic
def retry_for_studio(*, session_id: UUID, reason: str, actor: User) -> Session:
    """Run again what failed in anybody's session, on the same models, and return the session, running.

    What the owner's own rerun does, in `actor`'s name: it costs the owner what the turns cost, and counts as
    no AI request of theirs. Raises Conflict where it has not failed or its owner is suspended, Refused or
    TooMany where the owner's plan does not carry it, Unavailable.
    """
    hold_still(Session.objects.select_related("owner").get(pk=session_id).owner)
    session = progress.locked(session_id)
    if session.status != Status.FAILED:
        raise Conflict(f"“{session}” has not failed.")
    if not session.owner.is_active:
        raise Conflict(f"{session.owner} is suspended.")
    admission.require_open(session)
    step = session.turns.of_step(session).select_for_update(of=("self",)).select_related("role")
    failed = [turn for turn in step if turn.status == TurnStatus.FAILED]
    for model in {turn.model for turn in failed}:
        entitlements.require_model(user=session.owner, model=model)
        require_available(model)
    admission.require_place(user=session.owner)
    _audit("session.retried", session, actor, reason, {"reason": session.reason})
    news = News(session)
    for turn in failed:
        run_again(session, turn, model=turn.model, news=news)
    news.tell()
    return session


def pause_suspended() -> int:
    """Pause whatever runs for users who were shut out, and return how many sessions were asked to.

    Looked for again and again rather than told once: it holds however a user was shut out, and whoever died.
    """
    shut_out = Session.objects.running().filter(owner__is_active=False, wish=Wish.NONE)
    return sum(_pause_shut_out(session_id) for session_id in shut_out.values_list("pk", flat=True)[:_BATCH])


@transaction.atomic
def release_dead(*, session_id: UUID, reason: str, actor: User) -> int:
    """End what no worker works on in anybody's session and give its credits back; return how many credits.

    Turns that wait, or whose lease has run out, are cancelled at no cost, what they wrote is kept, and a
    session that ran ends; its owner reads `reason`. Raises Conflict where a worker is on it, or nothing
    is held.
    """
    session = progress.locked(session_id)
    active = session.turns.select_for_update(of=("self",)).filter(status__in=ACTIVE).select_related("role")
    dead = list(active.filter(Q(status=TurnStatus.QUEUED) | Q(lease_until__lt=Now())))
    if active.count() > len(dead):
        raise Conflict(f"A worker is on “{session}”: stop it instead.")
    holds = open_holds_of(session)
    if not holds:
        raise Conflict(f"“{session}” holds nothing.")
    news = News(session)
    if dead:
        ending = endings.stopped_by_studio(reason)
        session.reason_code, session.reason = ending.code, ending.text[:500]
        for turn in dead:
            progress.cancel(session, turn, news)
        progress.step_over(session, news)
    for hold in open_holds_of(session):
        ledger.release(hold_id=hold.pk, key=f"dead:{hold.pk}", description="No work needs this hold any more")
    news.tell()
    freed = sum(hold.amount for hold in holds)
    _audit("session.released", session, actor, reason, {"held": freed})
    return freed


def _audit(act: str, session: Session, actor: User, reason: str, before: dict[str, object]) -> None:
    audit.write(act=act, subject=session, user_id=session.owner_id, actor=actor, reason=reason, before=before)


@transaction.atomic
def _pause_shut_out(session_id: UUID) -> bool:
    session = progress.locked(session_id)
    if session.owner.is_active or not session.is_running or session.wish != Wish.NONE:
        return False
    wish(session, Wish.PAUSE)
    return True
