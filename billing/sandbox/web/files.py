"""Serves style and fonts: the studio's own from its folder of static files, and the sandbox's."""

import mimetypes
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.utils._os import safe_join
from django.views.decorators.http import require_safe

PACKAGE = Path(__file__).resolve().parent.parent
STUDIO = PACKAGE.parent.parent / "static"
_OPEN = ("css/", "fonts/", "icons/")


@require_safe
def studio_file(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a file of the studio's look."""
    if not name.startswith(_OPEN):
        raise Http404(name)
    return _answer(STUDIO, name)


@require_safe
def own_file(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a file of the sandbox's own."""
    return _answer(PACKAGE / "static", name)


def _answer(folder: Path, name: str) -> HttpResponse:
    try:
        content = Path(safe_join(str(folder), name)).read_bytes()
    except OSError as error:
        raise Http404(name) from error
    kind, _ = mimetypes.guess_type(name)
    return HttpResponse(content, content_type=kind or "application/octet-stream")
