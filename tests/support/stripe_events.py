"""Stripe's side of a delivery: an endpoint with its secret, events, and their signatures."""

import json
import time
import uuid
from typing import Any

from django.test import Client
from djstripe.models import WebhookEndpoint
from stripe import WebhookSignature

SECRET = "whsec_of_the_tests"


def open_endpoint(*, secret: str = SECRET, livemode: bool = False) -> WebhookEndpoint:
    """Have an endpoint that Stripe knows and signs for with `secret`."""
    endpoint = uuid.uuid4()
    return WebhookEndpoint.objects.create(
        id=f"we_{endpoint.hex[:16]}",
        djstripe_uuid=endpoint,
        secret=secret,
        url=f"https://testserver/stripe/webhook/{endpoint}/",
        livemode=livemode,
        enabled_events=["*"],
    )


def event(
    object_id: str | None = "sub_1",
    *,
    identity: str | None = None,
    kind: str = "customer.subscription.updated",
    created: float | None = None,
    livemode: bool = False,
    **fields: Any,
) -> dict[str, Any]:
    """Return an event about an object as Stripe sends it."""
    return {
        "id": identity or f"evt_{uuid.uuid4().hex}",
        "object": "event",
        "type": kind,
        "created": int(created or time.time()),
        "livemode": livemode,
        "api_version": "2026-08-26.dahlia",
        "data": {"object": {"id": object_id, "object": "subscription", **fields}},
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
    }


def signature(body: str, *secrets: str, at: float | None = None) -> str:
    """Return the header for a body, signed with each of `secrets` as the SDK does it."""
    stamp = int(time.time() if at is None else at)
    headers = [WebhookSignature.generate_signature_header(body, secret, stamp) for secret in secrets]
    return ",".join([f"t={stamp}", *(header.partition(",")[2] for header in headers)])


def deliver(
    told: dict[str, Any] | str,
    *,
    endpoint: WebhookEndpoint,
    client: Client | None = None,
    signed: str | None = None,
    at: float | None = None,
    **headers: str,
) -> int:
    """Deliver an event and return the status of the answer; signed with the endpoint's secret unless told."""
    body = told if isinstance(told, str) else json.dumps(told)
    header = signature(body, endpoint.secret, at=at) if signed is None else signed
    answer = (client or Client()).post(
        f"/stripe/webhook/{endpoint.djstripe_uuid}/",
        data=body,
        content_type="application/json",
        headers={"Stripe-Signature": header, **headers},
    )
    return answer.status_code
