"""Where Stripe tells what happened: the signature is checked, the event stored, and receipt acknowledged."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from djstripe.models import WebhookEndpoint

from billing.webhooks import inbox
from billing.webhooks.signatures import is_genuine
from config.common.clock import now
from config.common.errors import Invalid
from config.common.limiting import uncounted

MOST_BYTES = 256 * 1024
"""How large a delivery may be. Stripe's own are far smaller."""


@csrf_exempt
@uncounted
@require_POST
def receive(request: HttpRequest, endpoint: UUID) -> HttpResponse:
    """Store a genuine event, and acknowledge it; 400 to anything else, of which nothing is kept.

    What it means is found out later, by a worker: here nobody is waited for, neither Stripe nor the broker.
    """
    try:
        body = request.body
    except (RequestDataTooBig, UnreadablePostError):
        return _answer(413, "Too large")
    if len(body) > MOST_BYTES:
        return _answer(413, "Too large")
    if not is_genuine(
        body=body,
        header=request.headers.get("Stripe-Signature", ""),
        secret=_secret_of(endpoint),
        at=now().timestamp(),
        tolerance=settings.STRIPE_WEBHOOK_TOLERANCE,
    ):
        return _answer(400, "Bad signature")
    try:
        inbox.receive(_read(body))
    except Invalid as error:
        return _answer(400, error.message)
    return _answer(200, "Received")


def _secret_of(endpoint: UUID) -> str:
    """Return what deliveries to this endpoint are signed with; nothing where there is no such endpoint."""
    found = WebhookEndpoint.objects.filter(djstripe_uuid=endpoint).values_list("secret", flat=True).first()
    return found or ""


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError as error:
        raise Invalid("No JSON") from error
    if not isinstance(told, dict):
        raise Invalid("No event")
    return told


def _answer(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")
