"""Where Stripe delivers its events: the endpoints, their secrets, and how one takes over from another."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from djstripe.models import WebhookEndpoint

from billing.models import StripeRequest
from billing.stripe import copies, gateway
from billing.stripe.catalogue import Work
from billing.stripe.client import API_VERSION
from billing.stripe.event_types import EVENT_TYPES

_CREATE = "webhook_endpoint.create"
_HERE = {"localhost", "127.0.0.1", "::1"}


def arrange(work: Work, *, rotate: bool = False, retire: bool = False) -> None:
    """Have Stripe deliver the events that we handle to this studio, signed with a secret that we know.

    `rotate` makes a second endpoint beside the one there is: Stripe delivers to both, and both are accepted.
    `retire` removes all but the newest. StripeRefused where Stripe cannot deliver to SITE_URL, as to an
    address of one's own machine.
    """
    there = {shape["id"]: shape for shape in gateway.list_all("webhook_endpoint")}
    ours = [row for row in _known() if row.id in there and row.secret]
    for row in ours:
        _correct(work, row, there[row.id])
    if rotate or not ours:
        ours = [_make(work), *ours]
    kept = {row.id for row in (ours[:1] if retire else ours)}
    retired = {row.id for row in ours} - kept
    for endpoint_id in retired:
        _remove(work, endpoint_id)
    for shape in there.values():
        # Its secret was lost with the answer that told it: nothing it delivers could be accepted.
        if shape["id"] not in kept and shape["id"] not in retired and shape["url"].startswith(_place()):
            _remove(work, shape["id"])
    WebhookEndpoint.objects.filter(id__startswith="we_", livemode=settings.STRIPE_LIVE_MODE).exclude(
        id__in=kept
    ).delete()


def listen(*, secret: str) -> UUID:
    """Accept what the Stripe CLI forwards to this machine, signed with its `secret`; return the uuid."""
    row, _ = WebhookEndpoint.objects.update_or_create(
        id="stripe-cli",
        defaults={
            "secret": secret,
            "livemode": settings.STRIPE_LIVE_MODE,
            "url": address(uuid4()),
            "api_version": "",
            "enabled_events": ["*"],
            "status": "enabled",
            "stripe_data": {},
        },
    )
    return UUID(str(row.djstripe_uuid))


def is_there() -> bool:
    """Tell whether events can be received in the present mode."""
    here = WebhookEndpoint.objects.filter(livemode=settings.STRIPE_LIVE_MODE)
    return here.exclude(secret="").exists()


def address(uuid: UUID) -> str:
    """Return the address of the endpoint called `uuid`."""
    return f"{_place()}{uuid}/"


def is_out_of_reach() -> bool:
    """Tell whether SITE_URL is an address that nobody but this machine can reach."""
    return urlsplit(settings.SITE_URL).hostname in _HERE


def _place() -> str:
    return f"{settings.SITE_URL.rstrip('/')}/stripe/webhook/"


def _known() -> list[WebhookEndpoint]:
    """Return the endpoints at Stripe that we know in the present mode, the newest first."""
    here = WebhookEndpoint.objects.filter(id__startswith="we_", livemode=settings.STRIPE_LIVE_MODE)
    return list(here.order_by("-djstripe_created"))


def _make(work: Work) -> WebhookEndpoint:
    """Make an endpoint and return its row. Only this one answer of Stripe's tells the secret.

    An answer that got lost is asked for again, under the same key, by the next run.
    """
    lost = StripeRequest.objects.filter(operation=_CREATE, state=StripeRequest.State.PENDING).first()
    parameters = lost.parameters if lost else _wanted(uuid4())
    uuid = parameters["metadata"]["atelier_endpoint"]
    shape = gateway.request(operation=_CREATE, key=f"setup:{_CREATE}:{uuid}", parameters=parameters)
    if "secret" not in shape:
        _remove(work, shape["id"])
        return _make(work)
    with transaction.atomic():
        copies.keep(shape)
        row = WebhookEndpoint.objects.get(id=shape["id"])
        row.secret, row.djstripe_uuid = shape["secret"], UUID(uuid)
        row.djstripe_tolerance = settings.STRIPE_WEBHOOK_TOLERANCE
        row.save()
    work.done.append(f"Made the webhook endpoint {shape['id']}: {shape['url']}")
    return row


def _wanted(uuid: UUID) -> dict[str, Any]:
    return {
        "url": address(uuid),
        "enabled_events": list(EVENT_TYPES),
        "api_version": API_VERSION,
        "description": "Atelier",
        "metadata": {"atelier_endpoint": str(uuid)},
    }


def _correct(work: Work, row: WebhookEndpoint, shape: Mapping[str, Any]) -> None:
    url = address(row.djstripe_uuid)
    is_right = shape["url"] == url and set(shape["enabled_events"]) == set(EVENT_TYPES)
    if not is_right or shape["status"] != "enabled":
        wanted = {"url": url, "enabled_events": list(EVENT_TYPES), "disabled": False}
        shape = work.change("the webhook endpoint", "webhook_endpoint.update", row.id, wanted)
    copies.keep(shape)
    if shape["api_version"] != API_VERSION:
        work.done.append(f"{row.id} speaks {shape['api_version']}, not {API_VERSION}: rotate it.")


def _remove(work: Work, endpoint_id: str) -> None:
    gateway.request(
        operation="webhook_endpoint.delete",
        key=f"setup:webhook_endpoint.delete:{endpoint_id}",
        target=endpoint_id,
        parameters={},
    )
    work.done.append(f"Removed the webhook endpoint {endpoint_id}.")
