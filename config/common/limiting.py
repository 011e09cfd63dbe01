"""Where requests are counted: before a page's view, and inside the API once it knows who asks."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from config.common import outages
from config.common.errors import TooMany
from config.common.middleware import refusal
from config.common.ratelimit import Tier, admit

V = TypeVar("V", bound=Callable[..., Any])
_SAFE = ("GET", "HEAD", "OPTIONS")
_API = "/api/v1/"


def costly(view: V) -> V:
    """Mark a page's view, or a class of the API, whose changing requests cost much."""
    view.tier = Tier.COSTLY  # type: ignore[attr-defined]
    return view


def uncounted(view: V) -> V:
    """Mark a page's view that is no page: programs call it that prove themselves with each request."""
    view.is_uncounted = True  # type: ignore[attr-defined]
    return view


class RequestThrottle(BaseThrottle):
    """Counts each request of the API, by the token's user where one came with it."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return True; raises TooMany or Outage, which leave in the API's error shape."""
        admit(request, _tier(request.method, view))
        return True


class RequestLimits:
    """Counts each request of a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer for the view where it was asked too often; the API counts for itself."""
        if request.path.startswith(_API) or getattr(view, "is_uncounted", False):
            return None
        try:
            admit(request, _tier(request.method, view))
        except TooMany as error:
            return refusal(request, error)
        except (outages.Outage, *outages.ERRORS):
            return outages.page()
        return None


def _tier(method: str | None, view: Any) -> Tier:
    if method in _SAFE:
        return Tier.READ
    return getattr(view, "tier", Tier.WRITE)
