"""Bodies that are too large are cut before Django sees them: announced or chunked, by whom and where."""

import asyncio
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from rest_framework_simplejwt.tokens import AccessToken

from billing.webhooks.receiving import MOST_BYTES
from config import bodies
from config.edge import BodyLimit
from tests.objects.plans import put_on
from tests.support.people import client_for

MB = 1024 * 1024
FORM = "multipart/form-data; boundary=x"


class Inner:
    """An application that reads a whole body and answers 200; it remembers what it read."""

    def __init__(self) -> None:
        self.read, self.calls, self.left = 0, 0, False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls += 1
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left = True
                return  # as Django does
            self.read += len(message.get("body", b""))
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"fine"})


def ask(path: str, sizes: list[int], **headers: str) -> tuple[int, dict[bytes, bytes], bytes, Inner]:
    """Send pieces of these sizes; return code, headers and text of the answer, and the application."""
    inner, sent = Inner(), []
    pieces = [{"type": "http.request", "body": b"x" * size, "more_body": True} for size in sizes]
    pieces.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Any:
        return pieces.pop(0) if pieces else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": named}
    with ThreadPoolExecutor(1) as apart:  # browser tests keep a loop running in this thread
        apart.submit(asyncio.run, BodyLimit(inner)(scope, receive, send)).result()
    body = b"".join(message.get("body", b"") for message in sent[1:])
    assert not sent[-1].get("more_body")
    return sent[0]["status"], dict(sent[0]["headers"]), body, inner


@pytest.mark.parametrize("path", ["/documents/1/", "/api/v1/documents/1", "/accounts/login/"])
def test_a_body_within_the_limit_passes_untouched(path: str) -> None:
    for headers in ({"transfer_encoding": "chunked"}, {"content_length": str(4 * MB)}):
        code, _, _, inner = ask(path, [MB] * 4, **headers)
        assert (code, inner.read) == (200, 4 * MB)


def test_a_program_gets_the_apis_shape() -> None:
    for headers in ({"transfer_encoding": "chunked"}, {"content_length": str(4 * MB + 1)}):
        code, answer, body, inner = ask("/api/v1/documents/1", [MB] * 9, **headers)
        error = json.loads(body)["error"]
        assert (code, error["code"], error["details"]) == (413, "too_large", {"limit": 4 * MB})
        assert answer[b"content-length"] == str(len(body)).encode()
        assert answer[b"connection"] == b"close"
        assert inner.read <= 4 * MB


def test_what_is_announced_too_large_never_reaches_the_application() -> None:
    assert ask("/api/v1/projects", [MB] * 9, content_length=str(9 * MB))[3].calls == 0


def test_what_comes_in_pieces_is_cut_and_the_application_sees_its_client_leave() -> None:
    code, _, _, inner = ask("/api/v1/projects", [MB] * 9, transfer_encoding="chunked")
    assert (code, inner.read, inner.left) == (413, 4 * MB, True)


def test_a_browser_gets_a_page_under_the_studios_policy_and_htmx_a_part_of_one() -> None:
    code, answer, body, _ = ask("/documents/1/", [], content_length=str(9 * MB))
    assert (code, answer[b"content-type"]) == (413, b"text/html; charset=utf-8")
    assert b"script-src 'self'" in answer[b"content-security-policy"]
    assert b"4.0 MB" in body
    assert b"<!doctype html>" in body
    part = ask("/documents/1/", [], content_length=str(9 * MB), hx_request="true")[2]
    assert b"4.0 MB" in part
    assert b"<html" not in part


@pytest.mark.parametrize("more", [0, 1])
def test_what_stripe_tells_is_small(more: int) -> None:
    """However it is sent: announced, or in pieces."""
    path, size = f"/stripe/webhook/{uuid.uuid4()}/", MOST_BYTES + more
    announced, _, _, first = ask(path, [size], content_length=str(size))
    pieces, _, _, second = ask(path, [size - 9, 9], transfer_encoding="chunked")
    assert announced == pieces == (413 if more else 200)
    assert first.calls == (0 if more else 1)
    assert second.left is bool(more)


def test_a_lying_length_does_not_help() -> None:
    code, _, _, inner = ask("/api/v1/x", [MB] * 9, content_length="10", transfer_encoding="chunked")
    assert (code, inner.read) == (413, 4 * MB)


@pytest.fixture
def people(transactional_db: None, alice: Any, bob: Any) -> Iterator[tuple[Any, Any]]:
    """Alice on the free plan with files of 5 MB, bob on the starter plan with 20."""
    put_on(bob, "starter")
    return alice, bob


def token(user: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {AccessToken.for_user(user)}"}


def cookie(user: Any) -> dict[str, str]:
    return {"cookie": f"sessionid={client_for(user).cookies['sessionid'].value}"}


@pytest.mark.parametrize("carrying", [token, cookie])
@pytest.mark.parametrize("path", sorted(bodies.UPLOADS))
def test_an_upload_may_be_as_large_as_its_senders_plan_says(people: Any, carrying: Any, path: str) -> None:
    alice, bob = people
    path = path.format(id=uuid.uuid4())
    for user, most in ((alice, 9), (bob, 24)):
        headers = {"content_type": FORM, "transfer_encoding": "chunked", **carrying(user)}
        assert ask(path, [MB] * most, **headers)[0] == 200
        code, _, body, inner = ask(path, [MB] * (most + 3), **headers)
        assert (code, inner.read) == (413, most * MB)
    assert b"Pro" in body
    assert b"Free" not in body


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": "sessionid=made-up"},
        {"cookie": "sessionid=; ;;"},
        {"authorization": "Bearer made.up.entirely"},
        {"authorization": "\x00"},
    ],
)
def test_nobody_brings_a_large_file(people: Any, headers: dict[str, str]) -> None:
    code, _, _, inner = ask(
        "/api/v1/documents", [MB] * 8, content_type=FORM, transfer_encoding="chunked", **headers
    )
    assert (code, inner.read) == (413, 4 * MB)


def test_a_suspended_user_brings_none(people: Any) -> None:
    alice, _ = people
    headers = token(alice)
    alice.is_active = False
    alice.save()
    sent = {"content_type": FORM, "transfer_encoding": "chunked"}
    assert ask("/api/v1/documents", [MB] * 8, **sent, **headers)[0] == 413


def test_only_forms_at_the_addresses_that_take_files_may_be_large(people: Any) -> None:
    alice, _ = people
    for path, kind in (("/api/v1/documents", "application/json"), ("/api/v1/projects", FORM)):
        sent = {"content_type": kind, "transfer_encoding": "chunked", **token(alice)}
        assert ask(path, [MB] * 8, **sent)[0] == 413


def test_the_studio_has_a_limit_of_its_own_above_all_plans(people: Any, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 2 * MB
    headers = {"content_type": FORM, "transfer_encoding": "chunked", **token(people[0])}
    code, _, body, inner = ask("/api/v1/documents", [MB] * 9, **headers)
    assert (code, inner.read, json.loads(body)["error"]["details"]) == (413, 6 * MB, {"limit": 2 * MB})


def test_while_nobody_can_be_asked_the_studios_own_limit_holds(
    people: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(**credentials: str) -> None:
        raise bodies.DatabaseError

    headers = {"content_type": FORM, "transfer_encoding": "chunked", **token(people[0])}
    settings.UPLOAD_MAX_BYTES = 20 * MB
    monkeypatch.setattr(bodies, "signed_in", down)
    assert [ask("/api/v1/documents", [MB] * size, **headers)[0] for size in (24, 25)] == [200, 413]


def test_every_address_that_takes_files_is_known() -> None:
    schema = SchemaGenerator().get_schema(public=True)
    taking = {
        path
        for path, operations in schema["paths"].items()
        for operation in operations.values()
        if "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
    }
    pages = {reverse("objects:document_new"), reverse("orchestration:order", args=[uuid.UUID(int=0)])}
    assert taking | {page.replace(str(uuid.UUID(int=0)), "{id}") for page in pages} == bodies.UPLOADS


def spooled(pid: int) -> int:
    """The bytes in files that the process has open and nobody else can see."""
    total = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if str(descriptor.readlink()).endswith("(deleted)"):
                total += descriptor.stat().st_size
        except OSError:
            continue
    return total


def resident(pid: int) -> int:
    """The bytes of memory that the process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="measured in /proc")
@pytest.mark.parametrize("path", ["/api/v1/documents", "/accounts/login/"])
def test_the_running_product_cuts_an_endless_body(live_stack: Any, path: str) -> None:
    pid, peak, done = live_stack.pid("web"), [0, 0], threading.Event()
    for _ in range(3):
        httpx.get(f"{live_stack.url}/accounts/login/", timeout=30)
    before = resident(pid)

    def watch() -> None:
        while not done.wait(0.005):
            peak[:] = max(peak[0], resident(pid)), max(peak[1], spooled(pid))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        code, body, sent = endless(live_stack.url, path, at_most=256 * MB)
    finally:
        done.set()
        watching.join()
    assert code == 413
    assert (json.loads(body)["error"]["code"] == "too_large") if "api" in path else (b"Too large" in body)
    assert sent < 256 * MB, "the connection was closed"
    assert peak[0] - before < 24 * MB
    assert peak[1] <= 5 * MB
    assert httpx.get(f"{live_stack.url}/accounts/login/", timeout=30).status_code == 200


def endless(url: str, path: str, *, at_most: int) -> tuple[int, bytes, int]:
    """Send chunks until the other end closes; return code and text of the answer, and what was sent."""
    place = urlsplit(url)
    head = f"POST {path} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: {FORM}\r\n"
    chunk = b"%x\r\n" % (64 * 1024) + b"x" * (64 * 1024) + b"\r\n"
    answer, sent, until = b"", 0, time.monotonic() + 60
    with socket.create_connection((place.hostname, place.port), timeout=20) as client:
        client.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        reader = threading.Thread(target=lambda: received.append(_all(client)))
        received: list[bytes] = []
        reader.start()
        try:
            while sent < at_most and time.monotonic() < until:
                client.sendall(chunk)
                sent += 64 * 1024
        except OSError:
            pass
        reader.join(30)
        (answer,) = received
    head_of, _, body = answer.partition(b"\r\n\r\n")
    return int(head_of.split()[1]), body, sent


def _all(client: socket.socket) -> bytes:
    """Read until the other end closes, by whatever means."""
    answer = b""
    try:
        while piece := client.recv(65536):
            answer += piece
    except OSError:
        pass
    return answer
