"""Pages of documents: the list, the beginning, the desk, the trash."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from billing import entitlements
from config.common.errors import DomainError
from config.common.limiting import costly
from config.common.pages import page_of
from objects import read_only
from objects.errors import DocumentLocked, ReadOnly, StaleSave
from objects.models import Document, DocumentVersion
from objects.queries import in_project, titled
from objects.quotas import too_long
from objects.rendering import to_html
from objects.services import (
    create_document,
    import_document,
    move_document,
    rename_document,
    restore_document,
    save_document,
    trash_document,
)
from objects.text import MAX_BYTES
from objects.views.forms import MoveForm, NewDocumentForm
from objects.views.requests import own_document, page, reader, sent

ACCEPTED = ".txt,.md,.markdown,.docx,.pdf"
_LOCKED = "A session is writing this document. Pause it to edit."
_READ_ONLY = "Read-only on your plan"


@page("GET", "HEAD")
def index(request: HttpRequest) -> HttpResponse:
    """All documents, by title where `?q=` asks for one; `?loose=1` keeps those without a project."""
    query, loose = request.GET.get("q", ""), bool(request.GET.get("loose"))
    mine = in_project(Document.objects.visible_to(reader(request)).select_related("project"), None)
    mine = read_only.mark_contents(mine, reader(request))
    shown = titled(mine.filter(project=None) if loose else mine, query)
    context = {"q": query, "loose": loose, **page_of(request, shown)}
    return render(request, "objects/documents.html", context)


@costly
@page("GET", "HEAD", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """A new document: typed, uploaded or blank."""
    user, limits = reader(request), entitlements.limits_for(reader(request))
    form = NewDocumentForm(
        sent(request),
        request.FILES or None,
        user=user,
        initial={"project": request.GET.get("project")},
    )
    if form.is_valid():
        made = form.attempt(lambda: _begin(request, form.cleaned_data))
        if made is not None:
            return redirect("objects:document", made.pk)
    context = {
        "form": form,
        "accept": ACCEPTED,
        "max_bytes": limits.file_bytes,
        "max_words": limits.words_per_document,
    }
    return render(request, "objects/document_new.html", context, status=form.status)


def _begin(request: HttpRequest, data: dict[str, Any]) -> Document:
    """Create what the form holds; a file goes before a text."""
    place = {"owner": reader(request), "project": data["project"], "title": data["title"]}
    if not data["file"]:
        return create_document(body=data["body"], **place)
    document, extracted = import_document(file=data["file"], **place)
    if extracted.left_out:
        messages.info(request, f"The text is here. Left out: {', '.join(extracted.left_out)}.")
    return document


@page("GET", "HEAD", "POST")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The desk: the manuscript, saved by itself, or by its button where scripts do not run."""
    document = own_document(request, pk)
    if request.method == "POST":
        return _save(request, document)
    return _desk(request, document, body=document.body)


def _save(request: HttpRequest, document: Document) -> HttpResponse:
    """Save what the form holds; a stale save shows both texts, any other refusal keeps the typed one."""
    user, body = reader(request), request.POST.get("body", "")
    revision = request.POST.get("revision", "")
    cause = DocumentVersion.Cause.MERGE if request.POST.get("merge") else DocumentVersion.Cause.SAVE
    try:
        with transaction.atomic():
            if request.POST.get("title"):
                rename_document(document_id=document.pk, user=user, title=request.POST["title"])
            save_document(
                document_id=document.pk,
                user=user,
                body=body,
                expected_revision=int(revision) if revision.isascii() and revision.isdigit() else 0,
                cause=cause,
            )
    except StaleSave as stale:
        context = {"document": document, "title": request.POST.get("title", ""), **stale.details}
        return render(request, "objects/conflict.html", context, status=stale.status)
    except DomainError as error:
        return _desk(request, document, body=body, revision=revision, error=error)
    messages.success(request, "Saved.")
    return redirect("objects:document", document.pk)


def _desk(
    request: HttpRequest,
    document: Document,
    *,
    body: str,
    revision: str = "",
    error: DomainError | None = None,
) -> HttpResponse:
    """Show the document page with `body` in the editor, typed over `revision`."""
    user, limits = reader(request), entitlements.limits_for(reader(request))
    closed = read_only.refusal_for(user, document.project_id) if document.is_read_only else None
    context = {
        "document": {
            "pk": document.pk,
            "title": document.title,
            "body": body,
            "revision": revision or document.revision,
            "word_count": document.word_count,
        },
        "row": document,
        "save_url": reverse("document", args=[document.pk]),
        "post_url": reverse("objects:document", args=[document.pk]),
        "max_words": limits.words_per_document,
        "locked": _READ_ONLY if closed else _why_locked(document, error),
        "read_only": closed,
        "too_long": None if closed or error else too_long(user, document.word_count),
        "has_history": limits.version_history,
        "move_form": MoveForm(user=user, initial={"project": document.project_id}),
        "error": None if closed and isinstance(error, ReadOnly) else error,
    }
    return render(request, "objects/document.html", context, status=error.status if error else 200)


def _why_locked(document: Document, error: DomainError | None) -> str:
    """Say that a session writes the document, unless `error` just said so."""
    return _LOCKED if document.is_locked and not isinstance(error, DocumentLocked) else ""


@costly
@page("POST")
def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The typed text as it reads, safe and not saved."""
    own_document(request, pk)
    return HttpResponse(to_html(request.POST.get("body", "")[:MAX_BYTES]))


@page("POST")
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a document into a project, or out of any."""
    document = own_document(request, pk)
    form = MoveForm(request.POST, user=reader(request))
    if form.is_valid():
        project = form.cleaned_data["project"]
        move_document(document_id=document.pk, user=reader(request), project=project)
        messages.success(request, f"Moved to “{project.title}”." if project else "Moved out of its project.")
    return redirect("objects:document", pk)


@page("POST")
def trash(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Throw a document away, for 30 days."""
    document = trash_document(document_id=pk, user=reader(request))
    messages.success(request, f"“{document.title}” is in the trash for 30 days.")
    if document.project_id:
        return redirect("objects:project", document.project_id)
    return redirect("objects:documents")


@page("GET", "HEAD")
def trashed(request: HttpRequest) -> HttpResponse:
    """What was thrown away and can come back."""
    rows = Document.objects.in_trash_of(reader(request)).order_by("-deleted_at", "-pk")
    return render(request, "objects/trash.html", page_of(request, rows))


@page("POST")
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring a document back."""
    document = restore_document(document_id=pk, user=reader(request))
    messages.success(request, f"“{document.title}” is back.")
    return redirect("objects:document", pk)
