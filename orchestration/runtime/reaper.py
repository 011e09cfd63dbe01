"""Rings again for what should run and does not: lost workers, lost doorbells, sessions that can pay now."""

import logging
from uuid import UUID

import redis
from django.db import transaction
from django.db.models import F

from config.common import clock
from config.common.errors import DomainError
from config.common.valkey import connection
from objects.quotas import hold_still
from orchestration import admission
from orchestration.models import Session, Turn
from orchestration.runtime import progress
from orchestration.runtime.dispatch import ring
from orchestration.runtime.news import News
from orchestration.workflow.endings import Reason
from orchestration.workflow.terms import ACTIVE, Status

logger = logging.getLogger(__name__)
_REPEAT_SECONDS = 10
"""How long one ring is trusted before the same attempt is rung for again."""
_BATCH = 500
_BY_ITSELF = (Reason.CREDITS, Reason.QUOTA)
"""What a session waits for that ends without its owner."""


def ring_runnable() -> int:
    """Ring for every runnable turn without a live lease; return how many were rung for."""
    waiting = Turn.objects.runnable().order_by("created_at").values_list("pk", "attempt")[:_BATCH]
    due = [str(turn_id) for turn_id, attempt in waiting if _is_due(f"rung:{turn_id}:{attempt}")]
    ring(due)
    return len(due)


def wake_paid(*, wallet_id: int | None = None) -> int:
    """Let sessions go on that wait for credits which are there now; return how many did.

    The longest waiting come first. With `wallet_id` only those that this wallet pays.
    """
    able = Session.objects.filter(
        status=Status.AWAITING_CREDITS,
        reason_code=Reason.CREDITS,
        owner__is_active=True,
        owner__wallet__parked_at=None,
        owner__wallet__owed=0,
        owner__wallet__available__gte=F("needed_credits"),
    )
    if wallet_id is not None:
        able = able.filter(owner__wallet=wallet_id)
    waiting = able.order_by("started_at").values_list("pk", flat=True)[:_BATCH]
    return sum(_woken(session_id) for session_id in waiting)


def wake_months() -> int:
    """Let sessions go on that waited for another month, or for a larger plan; return how many did."""
    able = Session.objects.filter(
        status=Status.AWAITING_CREDITS,
        reason_code=Reason.QUOTA,
        wakes_at__lte=clock.now(),
        owner__is_active=True,
    )
    waiting = able.order_by("wakes_at").values_list("pk", flat=True)[:_BATCH]
    return sum(_woken(session_id) for session_id in waiting)


def unstick() -> int:
    """Move on sessions that run with nothing left to run: none should ever exist; return how many did."""
    stuck = Session.objects.running().exclude(turns__status__in=ACTIVE).values_list("pk", flat=True)
    return sum(_move_on(session_id) for session_id in stuck[:_BATCH])


def _is_due(key: str) -> bool:
    """Whether this attempt was not rung for a moment ago; without Valkey there is no memory of it."""
    try:
        return bool(connection().set(key, 1, nx=True, ex=_REPEAT_SECONDS))
    except redis.RedisError:
        return True


def _woken(session_id: UUID) -> bool:
    """Let one session go on if it can; where something else is in the way, it waits for the next look."""
    try:
        return _wake(session_id)
    except DomainError as refusal:
        logger.info("Session %s could go on and waits on: %s", session_id, refusal.message)
        return False


@transaction.atomic
def _wake(session_id: UUID) -> bool:
    hold_still(Session.objects.select_related("owner").get(pk=session_id).owner)
    session = progress.locked(session_id)
    if session.status != Status.AWAITING_CREDITS or session.reason_code not in _BY_ITSELF:
        return False
    admission.require_place(user=session.owner)
    before, news = _wants(session), News(session)
    woken = progress.take_up(session, news)
    if not woken and _wants(session) == before:
        transaction.set_rollback(True)  # others took the credits first: it waits as before, nobody is told
        return False
    news.tell()
    return woken


def _wants(session: Session) -> tuple[object, ...]:
    return session.reason_code, session.needed_credits, session.wakes_at


@transaction.atomic
def _move_on(session_id: UUID) -> bool:
    session = progress.locked(session_id)
    if not session.is_running or session.turns.active().exists():
        return False
    logger.error("Session %s ran with nothing to run; it was moved on", session_id)
    news = News(session)
    progress.step_over(session, news)
    news.tell()
    return True
