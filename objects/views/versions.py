"""Pages of a document's history, for plans that include it."""

from uuid import UUID

from django.contrib import messages
from django.db.models import F, Window
from django.db.models.functions import Lag
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from config.common.errors import DomainError
from config.common.pages import page_of
from objects import history
from objects.errors import StaleSave
from objects.models import Document
from objects.rendering import to_html
from objects.services import choose_changes, restore_version
from objects.views.choices import accepted_of, laid_out, number_of
from objects.views.requests import page, reader


@page("GET", "HEAD")
def index(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The versions of a document, newest first, with what each added."""
    document = history.browsable(document_id=pk, user=reader(request))
    before = Window(Lag("word_count"), order_by=F("number").asc())
    versions = document.versions.select_related("author").defer("body").annotate(words_before=before)
    context = {"document": document, **page_of(request, versions.order_by("-number"))}
    for row in context["rows"]:
        row.words_change = row.word_count - (row.words_before or 0)
    return render(request, "objects/versions.html", context)


@page("GET", "HEAD")
def detail(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """One version as it reads."""
    document = history.browsable(document_id=pk, user=reader(request))
    version = history.version(document, number)
    context = {"document": document, "version": version, "html": to_html(version.body)}
    return render(request, "objects/version.html", context)


@page("GET", "HEAD")
def diff(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What changed `?from=` one version `?to=` another, inline or with `?view=sides` side by side.

    Where it leads to the text as it stands now, each change can be kept or undone.
    """
    document = history.browsable(document_id=pk, user=reader(request))
    new = _number(request, "to", document.current_number)
    old = _number(request, "from", max(1, new - 1))
    return _compared(request, document, old=old, new=new)


def _compared(
    request: HttpRequest, document: Document, *, old: int, new: int, error: DomainError | None = None
) -> HttpResponse:
    """Show how two versions differ; after a refusal with the choices that were made."""
    found = history.comparison(document, old=old, new=new)
    sides = request.GET.get("view") == "sides"
    choosing = old < new == document.current_number and bool(found.diff.changes) and not document.is_read_only
    context = {
        "document": document,
        "comparison": found,
        "sides": sides,
        "numbers": range(document.current_number, 0, -1),
        "choosing": choosing and not document.is_locked,
        "locked": choosing and document.is_locked,
        "error": error,
        **laid_out(found, sides=sides, accepted=accepted_of(request) if error else None),
    }
    return render(request, "objects/diff.html", context, status=error.status if error else 200)


@page("POST")
def choose(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Keep the ticked changes of the current version against `base`, and undo the others."""
    document = history.browsable(document_id=pk, user=reader(request))
    base, accepted = number_of(request.POST.get("base")), accepted_of(request)
    try:
        saved = choose_changes(
            document_id=pk,
            user=reader(request),
            base=base,
            proposed=number,
            accepted=accepted,
            expected_revision=number_of(request.POST.get("revision")),
        )
    except StaleSave as stale:
        context = {"document": document, "title": document.title, **stale.details}
        return render(request, "objects/conflict.html", context, status=stale.status)
    except DomainError as error:
        if error.status == 404:
            raise
        return _compared(request, document, old=base, new=number, error=error)
    if saved.current_number == number:
        messages.info(request, "Every change is kept: the text stays as it is.")
    else:
        messages.success(request, f"{saved.current.cause_text}. The text before is version {number}.")
    return redirect("objects:document", pk)


@page("POST")
def restore(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Go back to a version; the later ones stay."""
    history.browsable(document_id=pk, user=reader(request))
    restore_version(document_id=pk, user=reader(request), number=number)
    messages.success(request, f"Version {number} is the text again. The later versions are kept.")
    return redirect("objects:document", pk)


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    """Return a version number of the query; 404 for what is none."""
    return number_of(request.GET.get(name) or str(otherwise))
