"""Something we stand on is down: a refusal that says so, never an error and never a way around a limit."""

from django.http import HttpResponse
from django.template.loader import render_to_string
from redis import exceptions as valkey

from config.common.errors import Unavailable

ERRORS = (valkey.ConnectionError, valkey.TimeoutError)
"""What is raised when Valkey, which holds sessions and rate limits, does not answer."""

_RETRY_AFTER = 30


class Outage(Unavailable):
    """A service of ours does not answer."""

    retry_after = _RETRY_AFTER

    def __init__(self) -> None:
        super().__init__("The studio is catching its breath. Nothing was changed; try again in a moment.")


def page() -> HttpResponse:
    """Return the page for it, which asks nothing of what is down: not even who is signed in."""
    response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = str(_RETRY_AFTER)
    return response
