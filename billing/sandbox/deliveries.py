"""Delivers events to webhook endpoints: signed, after commit, again until they are accepted."""

import hashlib
import hmac
import http.client
import json
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from billing.sandbox.dials import Dials
from billing.sandbox.store import Object, Store

TIMEOUT_SECONDS = 10.0
LAST_ATTEMPT = 20
LONGEST_PAUSE = 600.0
THREADS = 8


SECRET_LIVES_ON = 24 * 3600
"""Seconds for which deliveries are signed with a secret's predecessor, too."""


def signature(keys: list[str], body: bytes, at: int) -> str:
    """Return the value of the Stripe-Signature header: one v1 for each of the keys.

    The v0 is one that Stripe's test mode adds, and that nobody is to accept.
    """
    signed = f"{at}.".encode() + body
    each = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys]
    return ",".join([f"t={at}", *(f"v1={digest}" for digest in each), f"v0={'0' * 64}"])


def roll_secret(store: Store, endpoint_id: str, *, lives_on: float = SECRET_LIVES_ON) -> Object:
    """Give an endpoint a new secret, as Stripe's dashboard does; the former one goes on for a while."""
    with store.change():
        endpoint = store.get("webhook_endpoint", endpoint_id)
        secret = new_secret()
        former = store.notes(endpoint_id)["secret"]
        store.note(endpoint_id, secret=secret, former_secret=former, former_until=time.time() + lives_on)
        return {**endpoint, "secret": secret}


def new_secret() -> str:
    """Return what an endpoint's deliveries are signed with."""
    return f"whsec_{secrets.token_hex(24)}"


def _secrets_of(store: Store, endpoint_id: str) -> list[str]:
    notes = store.notes(endpoint_id)
    former = [notes["former_secret"]] if notes.get("former_until", 0.0) > time.time() else []
    return [notes["secret"], *former]


def schedule(store: Store, dials: Dials, event: Object) -> int:
    """Plan the deliveries of `event` within its change, as the dials say; return how many will happen."""
    settings, planned = dials.settings, 0
    for endpoint in store.find("webhook_endpoint", status="enabled"):
        if not {"*", event["type"]} & set(endpoint["enabled_events"]):
            continue
        for _ in range(1 + settings.duplicate):
            if settings.drop and dials.random.random() < settings.drop:
                _plan(store, event["id"], endpoint["id"], None, "dropped")
                continue
            wait = settings.delay + dials.random.uniform(0, settings.reorder)
            _plan(store, event["id"], endpoint["id"], time.time() + wait, "")
            planned += 1
    return planned


def resend(store: Store, event_id: str) -> None:
    """Deliver an event once more to every endpoint that is enabled, whatever became of it before."""
    with store.change():
        for endpoint in store.find("webhook_endpoint", status="enabled"):
            _plan(store, event_id, endpoint["id"], time.time(), "")


def of_event(store: Store, event_id: str) -> list[Object]:
    """Return the deliveries of an event: to which endpoint, how often tried, with what outcome, due when."""
    return [dict(row) for row in store.query("SELECT * FROM delivery WHERE event = ? ORDER BY seq", event_id)]


def _plan(store: Store, event_id: str, endpoint_id: str, due: float | None, outcome: str) -> None:
    store.execute(
        "INSERT INTO delivery (event, endpoint, due, outcome) VALUES (?, ?, ?, ?)",
        event_id,
        endpoint_id,
        due,
        outcome,
    )


class Deliverer:
    """The thread that finds what is due, and those that post it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wake = threading.Event()
        self._stopping = False
        self._flying: set[int] = set()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="delivery")
        self._thread = threading.Thread(target=self._run, name="deliveries", daemon=True)

    def start(self) -> None:
        """Begin; what was due before a restart is delivered now."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for the posts under way."""
        self._stopping = True
        self._wake.set()
        self._thread.join()
        self._pool.shutdown()

    def wake(self) -> None:
        """Look again at what is due."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            pause = 60.0
            for row in self._store.query("SELECT * FROM delivery WHERE due IS NOT NULL ORDER BY due, seq"):
                if row["seq"] in self._flying:
                    continue
                wait = row["due"] - time.time()
                if wait > 0:
                    pause = min(pause, wait)
                    break
                self._flying.add(row["seq"])
                self._pool.submit(self._deliver, dict(row))
            self._wake.wait(pause)

    def _deliver(self, row: dict[str, Any]) -> None:
        try:
            event = self._store.look("event", row["event"])
            endpoint = self._store.look("webhook_endpoint", row["endpoint"])
            if event is None or endpoint is None or endpoint["status"] != "enabled":
                self._record(row, "endpoint gone", over=True)
                return
            outcome = _post(endpoint["url"], _secrets_of(self._store, endpoint["id"]), event)
            self._record(row, outcome, over=outcome.startswith("2"))
        finally:
            self._flying.discard(row["seq"])
            self._wake.set()

    def _record(self, row: dict[str, Any], outcome: str, *, over: bool) -> None:
        attempts = row["attempts"] + 1
        pause = min(2.0 ** (attempts - 1), LONGEST_PAUSE)
        due = None if over or attempts >= LAST_ATTEMPT else time.time() + pause
        with self._store.change():
            self._store.execute(
                "UPDATE delivery SET attempts = ?, outcome = ?, due = ? WHERE seq = ?",
                attempts,
                outcome,
                due,
                row["seq"],
            )
            event = self._store.look("event", row["event"])
            if event is not None and due is None:
                event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
                self._store.put(event)


def _post(url: str, keys: list[str], event: Object) -> str:
    """Post a signed event; return the status, or in words why there is none. Redirects are not followed."""
    body = json.dumps(event, indent=2).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(keys, body, int(time.time())),
        "User-Agent": "Stripe/1.0 (sandbox)",
    }
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        answer.read()
    except TimeoutError:
        return "timed out"
    except (OSError, http.client.HTTPException) as error:
        return f"unreachable: {type(error).__name__}"
    else:
        return str(answer.status)
    finally:
        connection.close()
