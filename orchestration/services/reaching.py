"""The door to a session that is to be changed: it is the user's, and nobody else changes it meanwhile."""

from uuid import UUID

from accounts.models import User
from config.common.errors import Missing
from orchestration.models import Session
from orchestration.runtime import progress


def editable(session_id: UUID, user: User) -> Session:
    """Return the session, its row held until the transaction ends; raise Missing where it is not theirs."""
    if not Session.objects.editable_by(user).filter(pk=session_id).exists():
        raise Missing("There is no such session.")
    return progress.locked(session_id)
