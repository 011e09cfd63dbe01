"""How large a request's body may be, and what is said to one that is larger."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import Error as DatabaseError
from django.template.defaultfilters import filesizeformat
from redis import RedisError

from accounts.models import User
from billing import entitlements
from billing.webhooks.receiving import MOST_BYTES as MOST_OF_WEBHOOK
from config.common.errors import DomainError, TooLarge
from orchestration.streaming.access import signed_in

UPLOADS = frozenset(
    {
        "/documents/new/",
        "/sessions/orders/{id}/",
        "/api/v1/documents",
        "/api/v1/orders/{id}/start",
        "/api/v1/sessions",
    }
)
"""The addresses that take files, as multipart forms of somebody who is signed in."""

_UPLOAD = re.compile("|".join(re.escape(path).replace(r"\{id\}", "[0-9a-f-]{36}") for path in UPLOADS))

WEBHOOKS = "/stripe/webhook/"
"""What the addresses begin with at which Stripe tells what happened."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The bytes that a body may have, and the refusal of one of `size` bytes, or of more than that."""

    limit: int
    refusal: Callable[[int], TooLarge]


def is_upload(path: str, headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether a request brings a file."""
    kind = headers.get(b"content-type", b"")
    return _UPLOAD.fullmatch(path) is not None and kind.startswith(b"multipart/form-data")


def ordinary(path: str = "") -> Allowance:
    """Return what a form, or a program's JSON, may have at `path`."""
    limit = MOST_OF_WEBHOOK if path.startswith(WEBHOOKS) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return Allowance(limit, lambda size: _too_large(limit))


def for_upload(headers: Mapping[bytes, bytes]) -> Allowance:
    """Return what a form with a file may have: the file of its sender's plan, and the form around it.

    Whoever is not signed in has no file to bring. While it cannot be known, the studio's own limit holds.
    """
    cookie, authorization = (
        headers.get(name, b"").decode("latin-1") for name in (b"cookie", b"authorization")
    )
    form, most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.UPLOAD_MAX_BYTES
    try:
        user = signed_in(cookie=cookie, authorization=authorization)
        if user is None:
            return ordinary()
        planned = entitlements.limits_for(user).file_bytes
    except (DatabaseError, RedisError, DomainError):
        return Allowance(most + form, lambda size: _too_large(most))
    if planned is None or planned > most:
        return Allowance(most + form, lambda size: _too_large(most))
    return Allowance(planned + form, lambda size: _beyond_plan(user, size))


def _too_large(limit: int) -> TooLarge:
    size = filesizeformat(limit).replace("\xa0", " ")
    return TooLarge(f"This is more than can be sent at once here: {size}.", details={"limit": limit})


def _beyond_plan(user: User, size: int) -> TooLarge:
    """Return the plan's refusal of a file of `size` bytes, with the plan that would take it."""
    decision = entitlements.check(user=user, limit="file_bytes", used=size, adding=0)
    refusal = entitlements.refusal(user=user, decision=decision)
    return TooLarge(refusal.message, details=refusal.details)
