"""The owner's judgement of a finished round."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from accounts.models import User
from config.common.errors import Conflict, Missing
from objects import history
from objects import services as documents
from objects.history import Comparison
from objects.quotas import hold_still
from orchestration import admission
from orchestration.models import Session, Turn
from orchestration.runtime import progress
from orchestration.runtime.news import News
from orchestration.services.reaching import editable
from orchestration.workflow.terms import Role, Status


@transaction.atomic
def approve_round(*, session_id: UUID, user: User) -> Session:
    """Accept the round as it stands, own edits included, and go on.

    Raises Missing, Conflict, TooMany, ReadOnly where another round would follow.
    """
    session = _awaiting(session_id, user)
    return _judged(session, user, rejected=False)


@transaction.atomic
def reject_round(*, session_id: UUID, user: User) -> Session:
    """Take the Writer's text of this round back (as a new version) and go on.

    Its score does not end the session. Raises Missing, Conflict, ReadOnly, TooMany.
    """
    session = _awaiting(session_id, user)
    writer = _writer_of(session)
    if writer is not None and writer.version_number is not None:
        documents.restore_version(document_id=session.document_id, user=user, number=writer.base_number)
    return _judged(session, user, rejected=True, edited=True)


@transaction.atomic
def choose_in_round(
    *, session_id: UUID, user: User, proposed: int, accepted: Collection[int], expected_revision: int
) -> Session:
    """Keep the `accepted` changes of the round, undo the others, and go on.

    `changes_of_round` counts them, from the text before the round to version `proposed`, the current one.

    With none accepted the round counts as rejected: its score does not end the session. Raises Missing,
    Conflict, ReadOnly, StaleSave with both texts where the document was edited after `expected_revision`,
    Invalid, TooMany; nothing is changed then.
    """
    session = _awaiting(session_id, user)
    writer = _writer_of(session)
    if writer is None or writer.base_number == proposed:
        raise Conflict("The Writer changed nothing in this round: there is nothing to choose from.")
    document = documents.choose_changes(
        document_id=session.document_id,
        user=user,
        base=writer.base_number,
        proposed=proposed,
        accepted=accepted,
        expected_revision=expected_revision,
    )
    return _judged(session, user, rejected=not accepted, edited=document.current_number > proposed)


def changes_of_round(session: Session) -> Comparison | None:
    """Return what the round that waits for review changed, its owner's own edits included; None if nothing.

    None, too, where the text before the round is no longer kept.
    """
    writer = _writer_of(session)
    if session.status != Status.AWAITING_REVIEW or writer is None:
        return None
    try:
        found = history.comparison(
            session.document, old=writer.base_number, new=session.document.current_number
        )
    except Missing:
        return None
    return found if found.diff.changes else None


def _writer_of(session: Session) -> Turn | None:
    """Return the Writer's turn of the present round."""
    return session.turns.standing().filter(round=session.round, role__role=Role.WRITER).first()


def _awaiting(session_id: UUID, user: User) -> Session:
    hold_still(user)
    session = editable(session_id, user)
    if session.status != Status.AWAITING_REVIEW:
        raise Conflict("No round of this session waits for your review.", details={"status": session.status})
    return session


def _judged(session: Session, user: User, *, rejected: bool, edited: bool = False) -> Session:
    if session.round < session.max_rounds:
        admission.require_open(session)
        admission.require_place(user=user)
    session.reviewed_round, session.is_round_rejected = session.round, rejected
    news = News(session)
    progress.take_up(session, news)
    if edited:
        news.document(None)
    news.tell()
    return session
