"""The Stripe sandbox for tests: the real process, one per test run, with a store of its own."""

import contextlib
import hashlib
import hmac
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from config.devserver.service import child_command
from tests.billing.sandbox.shapes import problems
from tests.support import processes

KEY = "sk_test_sandboxForTheTestsOfAtelier"
START_SECONDS = 30.0
_FORGET = """
BEGIN IMMEDIATE;
DELETE FROM object WHERE kind NOT IN ('product', 'price', 'billing_portal.configuration')
    OR coalesce(json_extract(body, '$.metadata'), '') NOT LIKE '%"atelier%';
DELETE FROM note WHERE id <> 'sandbox_address';
DELETE FROM delivery;
DELETE FROM request;
COMMIT;
"""


class StripeSandbox:
    """A running sandbox: `url` and `key` for the product, `client` for tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = KEY
        self.log = folder / "sandbox.log"
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, port: int = 0) -> None:
        """Start the process, on a free port unless one is named, and return when it answers."""
        from config.devserver.ports import listen

        sockets, port = listen(port or 20000 + time.time_ns() % 9000)
        numbers = [listener.fileno() for listener in sockets]
        arguments = [f"--fd={number}" for number in numbers]
        command = [sys.executable, "-m", "billing.sandbox", *arguments]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                child_command(*command, f"--store={self.folder / 'store.sqlite'}", f"--key={self.key}"),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=numbers,
            )  # fmt: skip
        for listener in sockets:
            listener.close()
        self.url = f"http://127.0.0.1:{port}"
        assert processes.soon(self._answers, START_SECONDS), self.log.read_text()

    def stop(self) -> None:
        """Stop the process."""
        assert self._process is not None
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        self._process.wait()

    @property
    def port(self) -> int:
        """Where it answers, or answered last."""
        return int(self.url.rpartition(":")[2])

    @property
    def client(self) -> stripe.StripeClient:
        """The official SDK, pointed at the sandbox; it does not try again by itself."""
        return stripe.StripeClient(self.key, base_addresses={"api": self.url}, max_network_retries=0)

    def dials(self, **values: Any) -> dict[str, Any]:
        """Turn dials (billing/sandbox/dials.py) and return how all of them stand."""
        return self._post("/sandbox/dials", values)

    def advance(self, customer: str, to: int | datetime) -> None:
        """Let the time of a customer pass until `to`, with everything that falls due on the way."""
        at = int(to.timestamp()) if isinstance(to, datetime) else to
        clock = self.client.v1.customers.retrieve(customer).test_clock
        assert isinstance(clock, str)
        self.client.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": at})

    def pay(self, session: str, card: str = "4242424242424242", **more: Any) -> dict[str, Any]:
        """Complete a checkout session as its page does, and return it; a decline fails the test.

        `promotion_code`: what is typed into that field. `delayed`: "succeeds" or "fails", later.
        """
        return self.act("complete_checkout", session=session, card=card, **more)

    def act(self, name: str, **values: Any) -> dict[str, Any]:
        """Do what only people or banks do: see billing/sandbox/web/acts.py."""
        return self._post(f"/sandbox/acts/{name}", values)

    def sign(self, body: bytes, secret: str, at: int | None = None) -> str:
        """Return the Stripe-Signature header for a body that a test posts itself."""
        at = int(time.time()) if at is None else at
        digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={at},v1={digest}"

    def clean(self) -> None:
        """Set all dials to nothing and forget all objects and events but what the studio has for sale.

        Whatever lists or compares what is at Stripe would otherwise meet the customers and events of every
        test before it, and take longer with each. The process reads its store anew for every request.
        """
        self._post("/sandbox/dials", None, "DELETE")
        with contextlib.closing(sqlite3.connect(self.folder / "store.sqlite", timeout=30.0)) as store:
            store.executescript(_FORGET)

    def close_shop(self) -> None:
        """Forget also what the studio has for sale, which `clean` keeps from test to test."""
        with contextlib.closing(sqlite3.connect(self.folder / "store.sqlite", timeout=30.0)) as store, store:
            store.execute("DELETE FROM object")

    def kept(self) -> int:
        """Return how far the store has come."""
        return int(self._rows("SELECT coalesce(max(seq), 0) FROM object")[0][0])

    def made_since(self, seq: int) -> list[dict[str, Any]]:
        """Return the objects that were made after the store had come so far, as they are now."""
        return [json.loads(row[0]) for row in self._rows("SELECT body FROM object WHERE seq > ?", seq)]

    def _rows(self, sql: str, *values: int) -> list[tuple[Any, ...]]:
        address = f"file:{self.folder / 'store.sqlite'}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True)) as database:
            return database.execute(sql, values).fetchall()

    def _post(self, path: str, values: dict[str, Any] | None, method: str = "POST") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = httpx.request(
            method, f"{self.url}{path}", content=json.dumps(values), headers=headers, timeout=30.0
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/sandbox/dials", timeout=5.0).status_code == 401
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        return False


@pytest.fixture(scope="session")
def _stripe_process() -> Iterator[StripeSandbox]:
    with tempfile.TemporaryDirectory(prefix="atelier-stripe-") as folder:
        sandbox = StripeSandbox(Path(folder))
        sandbox.start()
        try:
            yield sandbox
        finally:
            sandbox.stop()


@pytest.fixture
def stripe_sandbox(_stripe_process: StripeSandbox) -> Iterator[StripeSandbox]:
    """The Stripe sandbox, a real process; after the test its dials and webhook endpoints are gone.

    Whatever it has kept or told meanwhile has to be what the SDK's typed classes say, and fails the test
    where it is not: an event holds its object as it was at that moment.
    """
    before = _stripe_process.kept()
    yield _stripe_process
    _stripe_process.clean()
    made = _stripe_process.made_since(before)
    told = [event["data"]["object"] for event in made if event["object"] == "event"]
    assert [problem for obj in (*made, *told) for problem in problems(obj)] == []


@pytest.fixture
def at_stripe(settings: Any, stripe_sandbox: StripeSandbox) -> StripeSandbox:
    """The sandbox, as the Stripe that the studio itself talks to in this test."""
    settings.STRIPE_SECRET_KEY = settings.STRIPE_TEST_SECRET_KEY = stripe_sandbox.key
    settings.STRIPE_API_HOST = stripe_sandbox.url
    return stripe_sandbox
