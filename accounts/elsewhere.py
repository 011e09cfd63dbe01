"""Pages whose form leads to another service: the browser is told that it may."""

from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse

PAGES = frozenset({"account_login", "account_signup", "github_login", "socialaccount_connections"})
"""Those that offer to go on with GitHub."""


class FormsToGitHubMiddleware:
    """Let the forms of `PAGES` lead to GitHub, where the studio knows it; those of no other page may.

    Browsers hold a form to its page's `form-action` through every redirect that answers it, and signing in
    by GitHub begins with one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is None or match.view_name not in PAGES or "github" not in settings.SOCIALACCOUNT_PROVIDERS:
            return response
        return cast("HttpResponse", csp_update({"form-action": _origin()})(lambda request: response)(request))


def _origin() -> str:
    """Return where GitHub asks its users: github.com, or the server of one's own."""
    place = urlsplit(GitHubOAuth2Adapter.authorize_url)
    return f"{place.scheme}://{place.netloc}"
