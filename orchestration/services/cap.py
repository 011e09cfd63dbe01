"""The most a session may spend, changed while it runs or waits."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from config.common.errors import Conflict, Invalid
from objects.quotas import hold_still
from orchestration import admission
from orchestration.models import Session
from orchestration.runtime import progress
from orchestration.runtime.news import News
from orchestration.services.reaching import editable
from orchestration.workflow.endings import Reason
from orchestration.workflow.terms import Status

MOST_CREDITS = 1_000_000_000


@transaction.atomic
def raise_cap(*, session_id: UUID, user: User, cap: int | None) -> Session:
    """Give the session another cap in whole credits (None: no cap), and return the session.

    One that waits at its cap goes on where it stopped, with the text it has; where the new cap is in the way
    too, it waits on. Raises Missing; Invalid for a cap below what is spent and held by open turns; Conflict
    when it has ended or its document is at work elsewhere; ReadOnly; TooMany where the plan carries no
    further session at once. Nothing was changed then.
    """
    hold_still(user)
    session = editable(session_id, user)
    if session.is_ended:
        raise Conflict("This session has ended.")
    _require_room(session, cap)
    session.cap_credits = cap
    session.save(update_fields=["cap_credits"])
    news = News(session)
    if session.status == Status.AWAITING_CREDITS and session.reason_code == Reason.CAP:
        admission.require_open(session)
        admission.require_place(user=user)
        progress.take_up(session, news)
    news.tell()
    return session


def _require_room(session: Session, cap: int | None) -> None:
    """Raise Invalid for a cap that what was spent, and what turns at work may still spend, would pass."""
    if cap is None:
        return
    held = session.held_now()
    least = max(1, session.spent + held)
    if least <= cap <= MOST_CREDITS:
        return
    message = f"The cap cannot be above {MOST_CREDITS} credits."
    if cap < least:
        holds = f" and {held} held by turns at work" if held else ""
        message = f"The cap cannot be below {least}: {session.spent} spent{holds}."
    raise Invalid(message, details={"fields": {"cap_credits": [message]}})
