"""Pages of a document's history, for plans that include it."""

from uuid import UUID

from django.contrib import messages
from django.db.models import F, Window
from django.db.models.functions import Lag
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from config.common.pages import page_of
from objects import diff_layout, history
from objects.rendering import to_html
from objects.services import restore_version
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
    """What changed `?from=` one version `?to=` another, inline or with `?view=sides` side by side."""
    document = history.browsable(document_id=pk, user=reader(request))
    new = _number(request, "to", document.current_number)
    found = history.comparison(document, old=_number(request, "from", max(1, new - 1)), new=new)
    sides = request.GET.get("view") == "sides"
    laid_out = diff_layout.rows(found.diff) if sides else diff_layout.inline_rows(found.diff)
    context = {
        "document": document,
        "comparison": found,
        "sides": sides,
        "rows": diff_layout.fold(laid_out),
        "numbers": range(document.current_number, 0, -1),
    }
    return render(request, "objects/diff.html", context)


@page("POST")
def restore(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Go back to a version; the later ones stay."""
    history.browsable(document_id=pk, user=reader(request))
    restore_version(document_id=pk, user=reader(request), number=number)
    messages.success(request, f"Version {number} is the text again. The later versions are kept.")
    return redirect("objects:document", pk)


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    """Return a version number of the query; 404 for what is none."""
    raw = request.GET.get(name) or str(otherwise)
    if not raw.isascii() or not raw.isdigit():
        raise Http404
    return int(raw)
