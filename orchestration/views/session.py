"""The page of a session, live or ended, and the two parts of it that are refreshed."""

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from config.common.errors import DomainError
from objects.models import DocumentVersion
from objects.rendering import to_html
from orchestration import admission
from orchestration.marks import Passage, mark_passages
from orchestration.models import Session, Turn
from orchestration.offers import offered_models
from orchestration.presenting import (
    finding_cards,
    forecast_text,
    headline,
    passages,
    round_segments,
    seats,
    tally,
    waiting_of,
)
from orchestration.views.review import review_context
from orchestration.workflow.terms import FindingStatus, Status, TurnStatus

_OVER = (TurnStatus.FINISHED, TurnStatus.FAILED, TurnStatus.CANCELLED)


def find(request: UserRequest, pk: UUID) -> Session:
    """Return a session that the user may see; 404 otherwise."""
    sessions = Session.objects.visible_to(request.user).select_related("document", "project")
    return get_object_or_404(sessions, pk=pk)


@require_safe
@login_required
def page(request: UserRequest, pk: UUID) -> HttpResponse:
    """Show the whole session; of a round that waits for review its changes, or the text with `?show=text`."""
    return show(request, find(request, pk))


def show(
    request: UserRequest,
    session: Session,
    *,
    error: DomainError | None = None,
    accepted: Collection[int] | None = None,
) -> HttpResponse:
    """Render the page of `session`, after a refusal with the changes that were `accepted`."""
    context = {
        "session": session,
        "error": error,
        "events_url": reverse("session-events", args=[session.pk]),
        "following": not session.is_ended and session.status != Status.DRAFT,
        **manuscript_context(session, as_text=_as_text(request), accepted=accepted),
        **status_context(request, session),
    }
    return render(request, "orchestration/session.html", context, status=error.status if error else 200)


@require_safe
@login_required
def manuscript(request: UserRequest, pk: UUID) -> HttpResponse:
    """Show the document as it stands, with its findings."""
    session = find(request, pk)
    return render(
        request,
        "orchestration/_manuscript.html",
        {"session": session, **manuscript_context(session, as_text=_as_text(request))},
    )


def _as_text(request: UserRequest) -> bool:
    return request.GET.get("show") == "text"


@require_safe
@login_required
def status(request: UserRequest, pk: UUID) -> HttpResponse:
    """Show what is happening, and what one may do."""
    session = find(request, pk)
    return render(
        request, "orchestration/_status.html", {"session": session, **status_context(request, session)}
    )


def manuscript_context(
    session: Session, *, as_text: bool = False, accepted: Collection[int] | None = None
) -> dict[str, Any]:
    """Return what `_manuscript.html` shows: a text with its findings, or what there is to review of it."""
    document = session.document
    version = document.versions.get(number=document.current_number)
    findings = list(session.findings.select_related("turn__role").order_by("-turn__round", "number"))
    return {
        "document": document,
        "version": version,
        "review": None if as_text else review_context(session, accepted=accepted),
        "as_text": as_text,
        "html": _marked(document.title, version, passages(findings, version.number)),
        "cards": finding_cards(findings),
        "open_count": sum(finding.status == FindingStatus.OPEN for finding in findings),
        "words_change": _words_change(session, version),
    }


def _marked(title: str, version: DocumentVersion, places: list[Passage]) -> SafeString:
    # to_html sanitises; marks are drawn after that, from numbers and fixed words alone.
    html = mark_passages(version.body, places, lambda text: str(to_html(text)))
    # The page's own title says it already.
    return mark_safe(re.sub(rf"^<h([1-6])>{re.escape(escape(title))}</h\1>\s*", "", html))  # noqa: S308


def _words_change(session: Session, version: DocumentVersion) -> str:
    if session.base_number is None or session.base_number == version.number:
        return ""
    base = session.document.versions.filter(number=session.base_number).first()
    if base is None or base.word_count == version.word_count:
        return ""
    return f"{version.word_count - base.word_count:+d}".replace("-", "−")


def status_context(request: UserRequest, session: Session) -> dict[str, Any]:
    """Return what `_status.html` shows."""
    details = request.user.preferences.show_evaluation_details
    roles = list(session.roles.all())
    turns = list(session.turns.standing().select_related("role"))
    counts = tally(session.findings.only("turn_id", "resolved_by_id", "status"))
    closed = None if session.is_running else admission.closed(session)
    held = sum(turn.hold_amount for turn in turns if turn.hold_id is not None)
    return {
        "headline": headline(session),
        "rounds": round_segments(session),
        "seats": seats(roles, turns, session.round, counts=counts, details=details),
        "earlier": [
            (number, seats(roles, turns, number, counts=counts, details=details))
            for number in range(session.round - 1, 0, -1)
        ],
        "spent": session.spent,
        "held": held,
        "cap": session.cap_credits,
        "forecast": forecast_text(session),
        "waiting": waiting_of(session),
        "read_only": closed,
        "elapsed": _elapsed(session),
        "rerunnable": [] if closed else _rerunnable(session, turns),
        "models": offered_models(request.user),
    }


def _rerunnable(session: Session, turns: list[Turn]) -> list[Turn]:
    if session.is_running or session.status == Status.DRAFT:
        return []
    step = (session.round, session.phase)
    return [turn for turn in turns if (turn.round, turn.phase) == step and turn.status in _OVER]


def _elapsed(session: Session) -> str:
    if session.started_at is None or session.ended_at is None:
        return ""
    seconds = int((session.ended_at - session.started_at) / timedelta(seconds=1))
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60} s"
