"""Shows times in the zone of whoever is signed in."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.common import outages


class TimeZoneMiddleware:
    """Activates the user's time zone for pages; the API speaks UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path.startswith("/api/"):
            return self.get_response(request)
        try:
            zone = getattr(request.user, "zone", None)
        except outages.ERRORS:  # nobody behind here sees it: this is the first to ask who is signed in
            return outages.page()
        with timezone.override(zone):
            return self.get_response(request)
