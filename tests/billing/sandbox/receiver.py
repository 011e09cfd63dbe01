"""A webhook endpoint on loopback that notes what is delivered, and answers as a test wants."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe

from tests.support.processes import soon
from tests.support.stripe import StripeSandbox


@dataclass
class Receiver:
    """What arrived: bodies with their signatures, in order. `answers` are used up, then it is 200."""

    url: str = ""
    secret: str = ""
    bodies: list[tuple[bytes, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def events(self) -> list[Any]:
        """Return the events, each checked against its signature by the official SDK."""
        return [stripe.Webhook.construct_event(body, given, self.secret) for body, given in list(self.bodies)]

    def types(self) -> list[str]:
        """Return the types of the events, in the order of their arrival."""
        return [event.type for event in self.events()]

    def wait(self, count: int, seconds: float = 10.0) -> None:
        """Return when `count` deliveries have arrived."""
        assert soon(lambda: len(self.bodies) >= count, seconds), f"{len(self.bodies)} of {count}"


@contextmanager
def receiving(sandbox: StripeSandbox, *events: str) -> Iterator[Receiver]:
    """Run an endpoint that the sandbox delivers `events` to (all, when none is named)."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.bodies.append((body, self.headers["Stripe-Signature"]))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    endpoint = sandbox.client.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": list(events) or ["*"]}  # type: ignore[typeddict-item]
    )
    receiver.secret = str(endpoint.secret)
    try:
        yield receiver
    finally:
        sandbox.client.v1.webhook_endpoints.delete(endpoint.id)
        server.shutdown()
        server.server_close()
