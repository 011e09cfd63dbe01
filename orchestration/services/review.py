"""The owner's judgement of a finished round."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from config.common.errors import Conflict
from objects import services as documents
from objects.quotas import hold_still
from orchestration import admission
from orchestration.models import Session
from orchestration.runtime import progress
from orchestration.runtime.news import News
from orchestration.services.reaching import editable
from orchestration.workflow.terms import Role, Status


@transaction.atomic
def approve_round(*, session_id: UUID, user: User) -> Session:
    """Accept the round as it stands, own edits included, and go on. Raises Missing, Conflict, TooMany."""
    session = _awaiting(session_id, user)
    return _judged(session, user, rejected=False)


@transaction.atomic
def reject_round(*, session_id: UUID, user: User) -> Session:
    """Take the Writer's text of this round back (as a new version) and go on.

    Its score does not end the session. Raises Missing, Conflict, TooMany.
    """
    session = _awaiting(session_id, user)
    writer = session.turns.standing().filter(round=session.round, role__role=Role.WRITER).first()
    if writer is not None and writer.version_number is not None:
        documents.restore_version(document_id=session.document_id, user=user, number=writer.base_number)
    return _judged(session, user, rejected=True)


def _awaiting(session_id: UUID, user: User) -> Session:
    hold_still(user)
    session = editable(session_id, user)
    if session.status != Status.AWAITING_REVIEW:
        raise Conflict("No round of this session waits for your review.", details={"status": session.status})
    return session


def _judged(session: Session, user: User, *, rejected: bool) -> Session:
    if session.round < session.max_rounds:
        admission.require_place(user=user)
    session.reviewed_round, session.is_round_rejected = session.round, rejected
    news = News(session)
    progress.take_up(session, news)
    if rejected:
        news.document(None)
    news.tell()
    return session
