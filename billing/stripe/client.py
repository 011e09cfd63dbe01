"""Sends one call to Stripe through its SDK. Used by the gateway, and by nothing else."""

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

import stripe
from django.conf import settings

from billing.stripe.errors import (
    Declined,
    NotSetUp,
    OutcomeUnknown,
    SentOtherwise,
    StripeRefused,
    StripeUnavailable,
)
from billing.stripe.shapes import storable
from config.common.errors import DomainError
from config.common.transactions import refuse_inside

API_VERSION: str = stripe.api_version
"""The version in whose shapes everything here is written and read: the SDK's."""

_RETRIES = 2
_CONNECT_SECONDS = 3.0

_log = logging.getLogger(__name__)


def send(
    method: Literal["get", "post", "delete"],
    path: str,
    parameters: Mapping[str, Any],
    *,
    key: str | None = None,
    may_charge: bool = False,
) -> dict[str, Any]:
    """Return what Stripe answers, as a plain dict. `key`: the Idempotency-Key, also of the SDK's retries.

    Raises Declined or StripeRefused where Stripe said no for good, SentOtherwise where it knows the key with
    another body; NotSetUp and StripeUnavailable where nothing was charged, OutcomeUnknown where something may
    have been. RuntimeError, and nothing sent, while a transaction is open: its locks would be held for as
    long as Stripe takes.
    """
    refuse_inside_transactions()
    options = {} if key is None else {"idempotency_key": key}
    try:
        answer = client().raw_request(method, path, **parameters, **options)
    except stripe.StripeError as error:
        raise _translated(error, may_charge) from error
    data: dict[str, Any] = storable(answer.data)
    return data


def refuse_inside_transactions() -> None:
    """Raise RuntimeError while a transaction is open; the one around a whole test does not count."""
    refuse_inside("Stripe is not called")


def client() -> stripe.StripeClient:
    """Return the client for the key and the address in the settings. NotSetUp without a key."""
    if not settings.STRIPE_SECRET_KEY:
        raise NotSetUp
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_HOST, settings.STRIPE_TIMEOUT)


@lru_cache(maxsize=4)
def _client(key: str, host: str, timeout: float) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": host},
        http_client=stripe.RequestsClient(timeout=(min(_CONNECT_SECONDS, timeout), timeout)),
        max_network_retries=_RETRIES,
    )


def _translated(error: stripe.StripeError, may_charge: bool) -> DomainError:
    message, details = error.user_message or "no reason given.", {"code": _code(error)}
    match error:
        case stripe.CardError():
            return Declined(message, details=details)
        case stripe.IdempotencyError():
            return SentOtherwise(f"Stripe refused it: {message}", details=details)
        case stripe.InvalidRequestError():
            return StripeRefused(f"Stripe refused it: {message}", details=details)
        case stripe.AuthenticationError() | stripe.PermissionError():
            _log.error("Stripe refuses the key that STRIPE_SECRET_KEY holds: %s", message)
            return NotSetUp()
        case stripe.RateLimitError():
            return StripeUnavailable()
    _log.warning("Stripe did not answer: %s", message)
    return OutcomeUnknown() if may_charge else StripeUnavailable()


def _code(error: stripe.StripeError) -> str:
    """Return why, in Stripe's code words: for a declined card the bank's reason."""
    body = error.json_body if isinstance(error.json_body, dict) else {}
    said = body.get("error") or {}
    return str(said.get("decline_code") or said.get("code") or said.get("type") or "")
