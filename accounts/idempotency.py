"""One effect for one Idempotency-Key, however often a program sends the request."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import IdempotencyRecord, User
from config.common.errors import Conflict, Invalid

LEASE = timedelta(seconds=60)
"""How long a request may work before a retry takes it for dead; longer than any request may run."""

KEPT = timedelta(hours=24)
"""How long an answer can be replayed."""

_LONGEST_KEY = 255
_P = ParamSpec("_P")


class StillRunning(Conflict):
    """The first request with this key has not answered yet."""

    retry_after = 2


def idempotent(
    handler: Callable[Concatenate[Any, Request, _P], Response],
) -> Callable[Concatenate[Any, Request, _P], Response]:
    """Give a DRF handler (`def post(self, request)`) of a signed-in user the header `Idempotency-Key`.

    Same key and same request: the first success again, marked `Idempotent-Replay: true`, or 409 while it
    still runs. Same key, another request: 422. A refusal is not kept: what was missing can be put right and
    the same key sent again. Without the header every request is one of its own.

    The row stands before the work begins, so a process that dies in between leaves a lease. After it a retry
    does the work again: hand `idempotency_key(request)` on to services that are idempotent by their key.
    """

    @wraps(handler)
    def run(view: Any, request: Request, *args: _P.args, **kwargs: _P.kwargs) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return handler(view, request, *args, **kwargs)
        record, replay = _claim(request, key)
        if replay is not None:
            return replay
        try:
            response = handler(view, request, *args, **kwargs)
        except Exception:
            _abandon(record)
            raise
        _finish(record, response)
        return response

    vars(run)["idempotent"] = True  # read by the API's schema
    return cast(Callable[Concatenate[Any, Request, _P], Response], run)


def idempotency_key(request: Request) -> str:
    """The key under which services shall act for this request: the caller's, or a new one."""
    key = request.headers.get("Idempotency-Key") or uuid4().hex
    return f"api:{request.user.pk}:{key}"


def prune() -> int:
    """Forget the records that nobody can ask for any more; return how many."""
    stale = IdempotencyRecord.objects.filter(created_at__lt=Now() - KEPT, lease_until__lt=Now())
    return stale.delete()[0]


def _claim(request: Request, key: str) -> tuple[IdempotencyRecord, Response | None]:
    if len(key) > _LONGEST_KEY or not key.isprintable():
        raise Invalid(f"An Idempotency-Key has at most {_LONGEST_KEY} printable characters.")
    fingerprint = _fingerprint(request)
    with transaction.atomic():
        record, new = IdempotencyRecord.objects.get_or_create(
            user=cast(User, request.user),
            key=key,
            defaults={"fingerprint": fingerprint, "lease_until": Now() + LEASE},
        )
    if new:
        return record, None
    if bytes(record.fingerprint) != fingerprint:
        raise Invalid("This Idempotency-Key was used for another request. Nothing was changed.")
    if record.status is not None:
        replayed = Response(json.loads(record.body), status=record.status)
        replayed["Idempotent-Replay"] = "true"
        return record, replayed
    if not _take_over(record):
        raise StillRunning("The first request with this Idempotency-Key is still running.")
    return record, None


def _take_over(record: IdempotencyRecord) -> bool:
    """Continue for a request whose lease ran out; of several that try, one does."""
    dead = IdempotencyRecord.objects.filter(
        pk=record.pk, attempt=record.attempt, status=None, lease_until__lt=Now()
    )
    taken = dead.update(attempt=F("attempt") + 1, lease_until=Now() + LEASE)
    record.attempt += 1
    return bool(taken)


def _finish(record: IdempotencyRecord, response: Response) -> None:
    if not 200 <= response.status_code < 300:
        _abandon(record)
        return
    body = JSONRenderer().render(response.data).decode() or "null"
    _own(record).update(status=response.status_code, body=body)


def _abandon(record: IdempotencyRecord) -> None:
    _own(record).delete()


def _own(record: IdempotencyRecord) -> Any:
    return IdempotencyRecord.objects.filter(pk=record.pk, attempt=record.attempt, status=None)


def _fingerprint(request: Request) -> bytes:
    """A digest of what is asked: method, path with query, and the body's meaning rather than its spelling."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    for piece in _pieces(request.data):
        digest.update(piece)
    return digest.digest()


def _pieces(data: Any) -> Iterator[bytes]:
    if not hasattr(data, "lists"):
        yield json.dumps(data, sort_keys=True).encode()
        return
    for name, values in sorted(data.lists()):
        for value in values:
            yield f"\n{len(name)}:{name}=".encode()
            if isinstance(value, UploadedFile):
                yield from value.chunks()
                value.seek(0)
            else:
                yield f"{len(value)}:{value}".encode()
