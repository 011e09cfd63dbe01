"""A reader of the live stream as a browser is one: loses the connection, and goes on where it was."""

import json
import random
import threading
import time
from typing import Any

import httpx
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import User
from orchestration.models import Session

_PAUSE_SECONDS = 0.05
_USUAL_CUT = 1_500
"""Bytes after which a connection is cut, on average: a few dozen events."""


class BrokenPromise(AssertionError):
    """The stream said something that it must never say."""


class Page:
    """What a reader sees, kept by the rules of the stream, which it holds the stream to."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        """Of each turn at work, the text so far."""
        self.finished: dict[str, str] = {}
        """Of each turn that was followed to its end, the text that it then had."""
        self.events: list[tuple[int, str]] = []
        self.snapshots = 0
        self.ending: dict[str, Any] | None = None

    @property
    def last(self) -> int:
        """The number of the last event."""
        return self.events[-1][0] if self.events else 0

    def hear(self, event: str) -> None:
        """Take one event in."""
        fields = dict(line.split(": ", 1) for line in event.split("\n") if not line.startswith(":"))
        if "event" not in fields:
            return
        number, kind, data = int(fields["id"]), fields["event"], json.loads(fields["data"])
        # A snapshot stands after the event whose number it carries, and the end after a snapshot.
        is_next = number >= self.last if kind in {"snapshot", "done"} else number > self.last
        if not is_next:
            raise BrokenPromise(f"event {number} ({kind}) came after {self.events[-1]}")
        self.events.append((number, kind))
        if kind == "snapshot":
            self.snapshots += 1
            self.texts = {turn["id"]: turn["text"] for turn in data["turns"] if "text" in turn}
        elif kind == "turn_started":
            self._start(data["turn"], data["from"])
        elif kind == "token":
            self.texts[data["turn"]] += data["text"]
        elif kind == "turn_finished" and data["status"] != "suspended" and data["turn"] in self.texts:
            self.finished[data["turn"]] = self.texts.pop(data["turn"])
        elif kind == "done":
            self.ending = data

    def _start(self, turn: str, kept: int) -> None:
        known = self.texts.get(turn, "")
        if len(known) < kept:
            raise BrokenPromise(f"turn {turn} goes on after {kept} characters, {len(known)} were shown")
        self.texts[turn] = known[:kept]


class Client(threading.Thread):
    """Follows a session in a thread of its own until it is done, and connects again whenever it is cut off.

    It hangs up by itself `cuts` times, each after a random number of bytes.
    """

    def __init__(
        self,
        url: str,
        session: Session,
        headers: dict[str, str],
        *,
        cuts: int = 0,
        dice: random.Random | None = None,
    ) -> None:
        super().__init__(name=f"client of {session.pk}", daemon=True)
        self.session, self.cuts = session, cuts
        self.page = Page()
        self.statuses: list[int] = []
        """What each connection was answered with."""
        self.closed_at: float | None = None
        """When the last connection ended, by the monotonic clock."""
        self._address = f"{url}/api/v1/sessions/{session.pk}/events"
        self._headers = headers
        self._dice = dice or random.Random()
        self._leaving = threading.Event()
        self._failure: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Read, and connect again, until the session is done or `leave` was called."""
        try:
            with httpx.Client(timeout=30) as http:
                while self.page.ending is None and not self._leaving.is_set():
                    self._read(http)
                    self.closed_at = time.monotonic()
                    self._leaving.wait(_PAUSE_SECONDS)
        except Exception as failure:  # raised where the test asks for the result
            self._failure = failure

    def leave(self) -> None:
        """Hang up after the next piece, for good."""
        self._leaving.set()

    def result(self, seconds: float = 30) -> Page:
        """Wait for the end and return what the reader saw; what went wrong on the way is raised."""
        self.join(seconds)
        if self._failure:
            raise self._failure
        assert not self.is_alive(), f"{self.name} still waits after {len(self.page.events)} events"
        return self.page

    def _read(self, http: httpx.Client) -> None:
        """Read one connection to its end, or to where it is cut."""
        last = {"Last-Event-ID": str(self.page.last)} if self.page.events else {}
        try:
            with http.stream("GET", self._address, headers=self._headers | last) as answer:
                self.statuses.append(answer.status_code)
                if answer.status_code == httpx.codes.OK:
                    self._take(answer)
        except httpx.TransportError:
            return

    def _take(self, answer: httpx.Response) -> None:
        left = 1 + int(self._dice.expovariate(1 / _USUAL_CUT)) if self.cuts else None
        rest = b""
        for piece in answer.iter_raw():
            kept = piece if left is None else piece[:left]
            *events, rest = (rest + kept).split(b"\n\n")
            for event in events:
                self.page.hear(event.decode())
            if left is not None:
                left -= len(kept)
                if not left:
                    self.cuts -= 1
                    return
            if self._leaving.is_set():
                return


def as_program(user: User) -> dict[str, str]:
    """Return the headers of a program that acts for `user`."""
    return {"Authorization": f"Bearer {AccessToken.for_user(user)}"}


def assert_saw_every_word(page: Page, session: Session, *, every_turn: bool = True) -> None:
    """What was seen of each turn is its visible text to the byte; `every_turn` was followed to its end."""
    turns = {str(turn.pk): turn.text for turn in session.turns.select_related("role")}
    if every_turn:
        assert page.finished.keys() == turns.keys()
    for pk, text in page.finished.items():
        assert text.encode() == turns[pk].encode(), f"turn {pk}"
