"""The operators' admin: behind the studio's own sign-in, a second factor, and a short idle time."""

import time
from collections.abc import Callable
from typing import Any, cast

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import URLPattern, URLResolver, path
from django.utils.http import url_has_allowed_host_and_scheme
from unfold.sites import UnfoldAdminSite

from accounts.models import User
from accounts.security import needs_second_factor
from adminpanel import sections
from adminpanel.explorer import views as explorer

IDLE_SECONDS = 30 * 60
NOTED_EVERY = 60
SEEN = "operator_seen"
"""The session's key for when its operator last used the admin."""

_POLICY = {
    "default-src": [NONE],
    "script-src": [SELF, UNSAFE_EVAL],  # Unfold's Alpine evaluates its attributes
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}


class OperatorsSite(UnfoldAdminSite):
    """Lets staff in once they have a second factor; asks them to prove themselves again after idling."""

    index_title = "Everything there is"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this is an active member of staff whose account a password alone does not open."""
        return super().has_permission(request) and _has_second_factor(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Wrap a view of the admin in its checks and its content policy."""
        checked = super().admin_view(view, cacheable)

        def fresh(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if self.has_permission(request):
                try:
                    _keep_fresh(request)
                except ReauthenticationRequired:
                    if not _is_polled(request):
                        raise
                    return HttpResponse(headers={"HX-Refresh": "true"})
            return checked(request, *args, **kwargs)

        return csp(_POLICY)(fresh)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the pages that are no model's."""
        return [path("usage/", self.admin_view(self.explore), name="usage"), *super().get_urls()]

    def explore(self, request: HttpRequest) -> HttpResponse:
        """Show usage and cost."""
        return explorer.explore(self, request)

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the sidebar: our sections, not the apps."""
        return sections.sidebar(self, request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the front page's list: our sections in their order; of one app when asked for it."""
        return super().get_app_list(request, app_label) if app_label else sections.front_page(self, request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send everybody where they have to go first: the sign-in page, or the second factor's."""
        following = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(following, {request.get_host()}, request.is_secure()):
            following = resolve_url("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(following)
        if not request.user.is_staff:
            raise PermissionDenied
        if not _has_second_factor(request):
            messages.warning(request, "Operators need two-step sign-in. Set it up, then come back.")
            return redirect("mfa_index")
        return redirect(following)


def _has_second_factor(request: HttpRequest) -> bool:
    """Ask once a request: every link on a page of the admin wants to know."""
    known = vars(request).get("_has_second_factor")
    if known is None:
        known = vars(request)["_has_second_factor"] = needs_second_factor(user=cast(User, request.user))
    return bool(known)


def _is_polled(request: HttpRequest) -> bool:
    """Whether an open page asks by itself: that is no sign that its operator is there."""
    return bool(request.headers.get("HX-Request"))


def _keep_fresh(request: HttpRequest) -> None:
    """Note that the operator is here; raise ReauthenticationRequired if they were away for too long."""
    proofs = [record["at"] for record in get_authentication_records(request, request.user)]
    away = time.time() - max([request.session.get(SEEN, 0), *proofs])
    if away > IDLE_SECONDS:
        raise ReauthenticationRequired
    if not _is_polled(request) and (away > NOTED_EVERY or SEEN not in request.session):
        request.session[SEEN] = time.time()
