"""Carries out a request to the API: key, parameters, idempotency, errors, and the dials on its answer."""

import contextlib
import hashlib
import hmac
import json
import threading
import time
import traceback
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from billing.sandbox import API_VERSION, running
from billing.sandbox.api import answers
from billing.sandbox.errors import (
    ApiError,
    IdempotencyError,
    KeyInUseError,
    KeyRefusedError,
    NoSuchError,
    ParameterError,
)
from billing.sandbox.parameters import Params, parse
from billing.sandbox.store import Object
from billing.sandbox.world import World

Handler = Callable[..., Object]
"""Takes the world, the parameters, and the ids in the path by name; returns what is answered."""

KEY_SECONDS = 24 * 3600
CUT_HEADER = "Sandbox-Cut"

_under_way: set[str] = set()
"""The Idempotency-Keys of requests that are not answered yet."""
_turn = threading.Lock()


def operations(**handlers: Handler) -> Callable[..., HttpResponse]:
    """Return the view of one path: `get`, `post` and `delete` say what does each."""

    @csrf_exempt
    def view(request: HttpRequest, **ids: str) -> HttpResponse:
        return respond(request, handlers.get((request.method or "").lower(), _unrecognised), ids)

    return view


def respond(request: HttpRequest, handler: Handler, ids: dict[str, str]) -> HttpResponse:
    """Carry out `handler` and answer; whatever goes wrong is answered in Stripe's shape."""
    world = running.world()
    request_id = world.store.new_id("req")
    replayed = False
    # Only a POST has one: Stripe ignores it with GET and DELETE, which do no more when they come again.
    key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
    try:
        authorise(request)
        with _alone_with(key), world.requested(request_id, key or None):
            try:
                if request.method == "GET":
                    status, body = 200, json.dumps(_carry_out(world, request, handler, ids))
                else:
                    status, body, request_id, replayed = _change(
                        world, request, handler, ids, request_id, key
                    )
            finally:
                _disturb(world, request, ids)
    except ApiError as error:
        status, body = error.status, json.dumps(error.body())
    except Exception:
        traceback.print_exc()
        fault = {"type": "api_error", "message": "The sandbox failed; its output says where."}
        status, body = 500, json.dumps({"error": fault})
    response = HttpResponse(body, status=status, content_type="application/json")
    response["Request-Id"] = request_id
    response["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    if key:
        response["Idempotency-Key"] = key
    if replayed:
        response["Idempotent-Replayed"] = "true"
    if request.method != "GET" and _cut(world, request.path):
        response[CUT_HEADER] = "1"
    return response


def authorise(request: HttpRequest) -> None:
    """Raise KeyRefusedError unless the request brings the key of this sandbox."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            value = b64decode(value).decode().partition(":")[0]
        except ValueError:
            value = ""
    if not value:
        raise KeyRefusedError("You did not provide an API key. Send it as Authorization: Bearer <key>.")
    if not hmac.compare_digest(value.encode(), running.key().encode()):
        raise KeyRefusedError(f"Invalid API Key provided: {value[:8]}…{value[-4:]}")


@contextlib.contextmanager
def _alone_with(key: str) -> Iterator[None]:
    """Raise KeyInUseError while another request with this key has no answer yet."""
    with _turn:
        if key and key in _under_way:
            raise KeyInUseError
        _under_way.add(key)
    try:
        yield
    finally:
        with _turn:
            _under_way.discard(key)


def _unrecognised(world: World, params: Params, **ids: str) -> Object:
    error = NoSuchError("url", "")
    error.message = "Unrecognized request URL or method. The sandbox knows only what the studio asks for."
    error.code = error.param = None
    raise error


@csrf_exempt
def unrecognised(request: HttpRequest) -> HttpResponse:
    """Answer for a path of the API that the sandbox does not have."""
    return respond(request, _unrecognised, {})


def _carry_out(world: World, request: HttpRequest, handler: Handler, ids: dict[str, str]) -> Any:
    text = request.body.decode() if request.method == "POST" else request.META.get("QUERY_STRING", "")
    values = parse(parse_qsl(text, keep_blank_values=True))
    params = Params(values)
    tree = answers.tree_of(params.texts("expand"))
    answer = handler(world, params, **ids)
    params.refuse_unknown()
    return answers.expanded(world.store, answer, tree)


def _change(
    world: World, request: HttpRequest, handler: Handler, ids: dict[str, str], request_id: str, key: str
) -> tuple[int, str, str, bool]:
    """Carry out a changing request once for its Idempotency-Key; say whether the answer is an earlier one.

    What was begun is remembered, a refusal too; parameters that make no sense are not: the same key may come
    again, put right.
    """
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body)
    fingerprint = digest.hexdigest()
    with world.store.alone():
        earlier = _earlier(world, key, fingerprint)
        if earlier:
            return (*earlier, True)
        try:
            with world.store.change():
                body = json.dumps(_carry_out(world, request, handler, ids))
                _remember(world, key, fingerprint, 200, body, request_id)
        except ParameterError:
            raise
        except ApiError as error:
            body = json.dumps(error.body())
            _remember(world, key, fingerprint, error.status, body, request_id)
            return error.status, body, request_id, False
    return 200, body, request_id, False


def _earlier(world: World, key: str, fingerprint: str) -> tuple[int, str, str] | None:
    oldest = int(time.time()) - KEY_SECONDS
    rows = world.store.query("SELECT * FROM request WHERE key = ? AND at > ?", key, oldest) if key else []
    if not rows:
        return None
    if rows[0]["fingerprint"] != fingerprint:
        raise IdempotencyError(
            "Keys for idempotent requests can only be used with the same parameters "
            f"they were first used with. Try using a key other than '{key}' if you meant to execute "
            "a different request."
        )
    return rows[0]["status"], rows[0]["body"], rows[0]["id"]


def _remember(world: World, key: str, fingerprint: str, status: int, body: str, request_id: str) -> None:
    if key:
        world.store.execute(
            "INSERT OR REPLACE INTO request (key, fingerprint, status, body, id, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            key, fingerprint, status, body, request_id, int(time.time()),
        )  # fmt: skip


def _disturb(world: World, request: HttpRequest, ids: dict[str, str]) -> None:
    """Answer late where the dials say so: what is answered has been read before."""
    settings = world.dials.settings
    wait = settings.latency
    if request.method == "GET" and settings.first_get_latency and ids:
        wait += settings.first_get_latency if world.dials.first_read(next(iter(ids.values()))) else 0.0
    if wait:
        time.sleep(wait)


def _cut(world: World, path: str) -> bool:
    settings = world.dials.settings
    return settings.cut > 0 and path.startswith(settings.cut_path) and world.dials.take("cut")
