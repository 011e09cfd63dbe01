"""The operators' webhook: an alert as a message that Discord, and what speaks like it, understands."""

import ipaddress
import json
from http.client import HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from django.conf import settings

from accounts.models import Alert
from config.common.transactions import refuse_inside

_SECONDS = 10
_LONGEST = 2000
"""Discord takes no longer message."""
_ASK_AGAIN = (408, 425, 429)


class WebhookRefused(Exception):  # an answer, which the outbox writes down
    """The webhook did not take the message; `is_final` where it never will."""

    def __init__(self, text: str, *, is_final: bool) -> None:
        super().__init__(text)
        self.is_final = is_final


def is_allowed(address: str) -> bool:
    """Whether alerts may go there: over https, or to this very machine."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


def post(alert: Alert) -> None:
    """Send `alert` to the webhook. Raises WebhookRefused, OSError where nobody answers in time.

    RuntimeError inside a transaction: nothing may be locked while somebody else's server thinks.
    """
    refuse_inside("The operators' webhook is not asked")
    address = settings.OPERATOR_WEBHOOK_URL
    if not address or not is_allowed(address):
        raise WebhookRefused("OPERATOR_WEBHOOK_URL is not set, or is no https address.", is_final=True)
    request = Request(  # noqa: S310 - https, or this machine, as just asked
        address,
        data=json.dumps(message_of(alert)).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "Atelier"},
        method="POST",
    )
    try:
        with _opener().open(request, timeout=_SECONDS):
            return
    except HTTPError as error:
        error.close()
        is_final = error.code < 500 and error.code not in _ASK_AGAIN
        raise WebhookRefused(f"It answered {error.code}.", is_final=is_final) from None


def message_of(alert: Alert) -> dict[str, Any]:
    """Return what is sent: text alone, which notifies nobody by name whatever it says."""
    link = urljoin(settings.SITE_URL, alert.url) if alert.url else ""
    room = _LONGEST - len(alert.title) - len(link) - len("****\n\n")
    body = alert.body if len(alert.body) <= room else f"{alert.body[: room - 1]}…"
    text = "\n".join(filter(None, (f"**{alert.title}**", body, link)))
    return {"username": "Atelier", "content": text, "allowed_mentions": {"parse": []}}


class _NoRedirects(HTTPRedirectHandler):
    """Takes an answer that leads elsewhere for a refusal: the address was vouched for, its target was not."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow nothing."""


def _opener() -> OpenerDirector:
    return build_opener(_NoRedirects)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
