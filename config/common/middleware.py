"""A DomainError that leaves an HTML view becomes a page that says what to do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.common import outages
from config.common.errors import DomainError, Missing


class DomainErrorMiddleware:
    """Render what a page's service refused: a fragment for htmx, a whole page otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for a DomainError and for an outage; let everything else be an error."""
        if isinstance(exception, outages.ERRORS):
            return outages.page()
        if not isinstance(exception, DomainError):
            return None
        return refusal(request, exception)


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return the page, or for htmx the fragment, that says what was refused and what would help."""
    if isinstance(error, Missing):
        return render(request, "404.html", status=404)
    fragment = bool(request.headers.get("HX-Request"))
    template = "components/refusal.html" if fragment else "refusal.html"
    response = render(request, template, {"error": error}, status=error.status)
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response
