"""What a person does to a session: the verbs behind its buttons."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.http import UserRequest
from config.common.errors import DomainError
from config.common.limiting import costly
from objects.errors import StaleSave
from objects.views.choices import accepted_of, number_of
from orchestration import services
from orchestration.models import Session
from orchestration.views.session import find, show, status_context

VERBS: dict[str, Callable[..., Session]] = {
    "start": services.start_session,
    "pause": services.pause,
    "resume": services.resume,
    "stop": services.stop,
    "approve": services.approve_round,
    "reject": services.reject_round,
}
_LONGEST_NUMBER = 10


@require_POST
@login_required
def act(request: UserRequest, pk: UUID, verb: str) -> HttpResponse:
    """Do `verb` and show the new status; a refusal is shown above it."""
    if verb not in VERBS:
        raise Http404
    refusal = None
    try:
        VERBS[verb](session_id=pk, user=request.user)
    except DomainError as error:
        if not request.headers.get("HX-Request") or error.status == 404:
            raise
        refusal = error
    if verb == "start" or not request.headers.get("HX-Request"):
        return _back(request, pk, refusal)
    return _status(request, pk, refusal)


def _status(request: UserRequest, pk: UUID, refusal: DomainError | None) -> HttpResponse:
    session = find(request, pk)
    context = {"session": session, "refusal": refusal, **status_context(request, session)}
    return render(request, "orchestration/_status.html", context)


def _back(request: UserRequest, pk: UUID, refusal: DomainError | None) -> HttpResponse:
    """Load the page anew: a session that starts is followed from its first word."""
    if refusal is not None:
        messages.error(request, refusal.message)
    if not request.headers.get("HX-Request"):
        return redirect("orchestration:session", pk)
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response


@require_POST
@login_required
def note(request: UserRequest, pk: UUID) -> HttpResponse:
    """Leave a note to the team."""
    services.add_note(session_id=pk, user=request.user, text=request.POST.get("text", ""))
    messages.success(request, "The note is kept. Every turn that begins from now on is given it.")
    return redirect("orchestration:session", pk)


@require_POST
@login_required
def review(request: UserRequest, pk: UUID) -> HttpResponse:
    """Keep the ticked changes of the round, undo the others, and go on; a refusal keeps the choice."""
    session, accepted = find(request, pk), accepted_of(request)
    try:
        services.choose_in_round(
            session_id=pk,
            user=request.user,
            proposed=number_of(request.POST.get("proposed")),
            accepted=accepted,
            expected_revision=number_of(request.POST.get("revision")),
        )
    except StaleSave as stale:
        context = {"document": session.document, "title": session.document.title, **stale.details}
        return render(request, "objects/conflict.html", context, status=stale.status)
    except DomainError as error:
        return show(request, session, error=error, accepted=accepted)
    return redirect("orchestration:session", pk)


@require_POST
@login_required
def cap(request: UserRequest, pk: UUID) -> HttpResponse:
    """Give the session a higher cap, and show the new status; a refusal is shown above it."""
    raw = request.POST.get("cap_credits", "").strip()
    credits = int(raw) if raw.isdecimal() and len(raw) < _LONGEST_NUMBER else 0
    refusal = None
    try:
        services.raise_cap(session_id=pk, user=request.user, cap=credits)
    except DomainError as error:
        if not request.headers.get("HX-Request") or error.status == 404:
            raise
        refusal = error
    if not request.headers.get("HX-Request"):
        return redirect("orchestration:session", pk)
    return _status(request, pk, refusal)


@costly
@require_POST
@login_required
def rerun(request: UserRequest, pk: UUID) -> HttpResponse:
    """Run a turn again with another model."""
    session = find(request, pk)
    turn = get_object_or_404(session.turns, pk=_uuid(request.POST.get("turn", "")))
    services.rerun_turn(turn_id=turn.pk, user=request.user, model=request.POST.get("model", ""))
    return redirect("orchestration:session", pk)


def _uuid(raw: str) -> UUID:
    try:
        return UUID(raw)
    except ValueError:
        raise Http404 from None
