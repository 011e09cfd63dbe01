"""Serves style and fonts: the studio's own from its folder of static files, and the sandbox's."""

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

PACKAGE = Path(__file__).resolve().parent.parent
STUDIO = PACKAGE.parent.parent / "static"
_OPEN = ("css/", "fonts/", "icons/")


@require_safe
def studio_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer a file of the studio's look."""
    if not name.startswith(_OPEN):
        raise Http404(name)
    return serve(request, name, document_root=str(STUDIO))


@require_safe
def own_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer a file of the sandbox's own."""
    return serve(request, name, document_root=str(PACKAGE / "static"))
