"""What browsers may do with the sandbox's pages: no script at all, styles from here."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Where a form leads may lead on to the shop: browsers hold redirects to form-action too.
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'; form-action 'self' http: https:"
)


class ContentPolicy:
    """Adds the policy to every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the policy, to requests for this machine only."""
        request.get_host()  # refuses other names: a page elsewhere may not pretend to be this machine
        response = self._get_response(request)
        response["Content-Security-Policy"] = POLICY
        return response
