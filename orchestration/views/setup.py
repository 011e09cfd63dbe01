"""Setting up a session: which text, which team, and what it will cost."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest
from billing.entitlements import limits_for
from billing.limits import Limits
from config.common.errors import DomainError
from config.common.limiting import costly
from objects import read_only
from objects.models import Document
from orchestration import services
from orchestration.estimates import estimate
from orchestration.forms import SessionForm
from orchestration.offers import default_model, offered_models
from orchestration.spec import SessionSpec, default_roles, read_spec

_CHOICES = 20


@costly
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: UserRequest) -> HttpResponse:
    """Choose a text; then a team; then start, or keep a draft. A refusal keeps what was typed."""
    if request.method == "POST":
        return _create(request)
    if not request.GET.get("document"):
        documents = Document.objects.visible_to(request.user).select_related("project")
        marked = read_only.mark_contents(documents, request.user)
        recent = list(marked.order_by("-updated_at")[:_CHOICES])
        return render(request, "orchestration/choose.html", {"documents": recent})
    document = _document(request, request.GET["document"])
    return _show(request, document, _form(request, document))


@costly
@require_POST
@login_required
def estimate_panel(request: UserRequest) -> HttpResponse:
    """Show what the session in the form would cost."""
    document = _document(request, request.POST.get("document", ""))
    form = _form(request, document, request.POST)
    return render(request, "orchestration/_estimate.html", _estimated(request, form))


def _create(request: UserRequest) -> HttpResponse:
    document = _document(request, request.POST.get("document", ""))
    form = _form(request, document, request.POST)
    spec = _spec(request, form)
    if spec is None:
        return _show(request, document, form, code=422)
    try:
        with transaction.atomic():
            session = services.create_session(owner=request.user, spec=spec)
            if request.POST.get("go") == "start":
                services.start_session(session_id=session.pk, user=request.user)
    except DomainError as refusal:
        return _show(request, document, form, refusal=refusal, code=refusal.status)
    return redirect("orchestration:session", session.pk)


def _show(
    request: UserRequest,
    document: Document,
    form: SessionForm,
    *,
    refusal: DomainError | None = None,
    code: int = 200,
) -> HttpResponse:
    limits = limits_for(request.user)
    context = {
        "document": document,
        "form": form,
        "refusal": refusal,
        "read_only": read_only.refusal_for(request.user, document.project_id),
        "limits_text": _limits_text(limits),
        "why": "Working it out …",
    }
    return render(request, "orchestration/new.html", context, status=code)


def _estimated(request: UserRequest, form: SessionForm) -> dict[str, Any]:
    spec = _spec(request, form)
    if spec is None:
        problems = [str(problem) for found in form.errors.values() for problem in found]
        return {"why": problems[0] if problems else ""}
    return {"estimate": estimate(owner=request.user, spec=spec)}


def _spec(request: UserRequest, form: SessionForm) -> SessionSpec | None:
    """Return the form as a spec; None, with the complaints in the form, where it is none."""
    if not form.is_valid():
        return None
    try:
        return read_spec(owner=request.user, data=form.as_body())
    except DomainError as error:
        if error.status == 404:
            raise
        form.take(error.details.get("fields", {"": [error.message]}))
        return None


def _form(request: UserRequest, document: Document, data: Any = None) -> SessionForm:
    limits = limits_for(request.user)
    others = Document.objects.visible_to(request.user).exclude(pk=document.pk).order_by("-updated_at")
    rounds, most = request.user.preferences.default_max_rounds, limits.rounds_per_session
    models, seats = offered_models(request.user), default_roles(owner=request.user, project=document.project)
    return SessionForm(
        data,
        seats={seat["role"]: seat.get("model", "") for seat in seats},
        models=[(choice.name, choice.label) for choice in models],
        usual_model=default_model(request.user, models),
        references=list(others[:_CHOICES]),
        initial={"document": document.pk, "max_rounds": rounds if most is None else min(rounds, most)},
    )


def _document(request: UserRequest, raw: str) -> Document:
    try:
        key = UUID(raw)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(Document.objects.editable_by(request.user).select_related("project"), pk=key)


def _limits_text(limits: Limits) -> str:
    agents, rounds = limits.agents_per_session, limits.rounds_per_session
    team = "any number of agents" if agents is None else f"{agents} agents"
    return (
        f"Your plan carries {team} and {'any number of' if rounds is None else rounds} rounds in a session."
    )
