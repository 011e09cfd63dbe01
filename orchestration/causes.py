"""What the ledger calls the movements that sessions cause."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from config.common import clock
from credits.causes import Cause, Scope
from objects.models import Document
from orchestration.models import Session, Turn

_RECENT = 20
_CLOCKS_DIFFER = timedelta(days=1)
"""Sessions go by the web's clock and the journal by the database's: more than they will ever be apart."""


def describe_turns(user: User, ids: Collection[UUID]) -> dict[UUID, Cause]:
    """Name the session of each of the user's own turns among `ids`."""
    mine = Turn.objects.filter(pk__in=ids, session__owner=user).values_list(
        "pk", "session_id", "session__title"
    )
    return {
        turn_id: Cause(label=title, url=reverse("orchestration:session", args=[session_id]))
        for turn_id, session_id, title in mine
    }


def session_scope(user: User, session_id: UUID) -> Scope | None:
    """Return what the journal says of one of the user's own sessions by: its turns."""
    session = Session.objects.filter(owner=user, pk=session_id).first()
    return _scope(session.title, [session]) if session else None


def document_scope(user: User, document_id: UUID) -> Scope | None:
    """Return what the journal says of one of the user's own documents by: the turns of its sessions."""
    document = Document.objects.filter(owner=user, pk=document_id).first()
    if document is None:
        return None
    return _scope(document.title, list(Session.objects.filter(owner=user, document=document)))


def recent_sessions(user: User) -> list[tuple[UUID, str]]:
    """List the user's latest started sessions."""
    started = Session.objects.filter(owner=user, started_at__isnull=False).order_by("-created_at")
    return list(started.values_list("pk", "title")[:_RECENT])


def recent_documents(user: User) -> list[tuple[UUID, str]]:
    """List the documents of the user's latest started sessions."""
    started = Session.objects.filter(owner=user, started_at__isnull=False).order_by("-created_at")
    return list(dict.fromkeys(started.values_list("document_id", "document__title")[: _RECENT * 5]))[:_RECENT]


def _scope(title: str, sessions: list[Session]) -> Scope:
    turns = Turn.objects.filter(session__in=sessions).values_list("pk", flat=True)
    begun = min((session.created_at for session in sessions), default=clock.now())
    return Scope(title, "turn", list(turns), begun - _CLOCKS_DIFFER)
