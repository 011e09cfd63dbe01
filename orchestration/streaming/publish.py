"""Writes a session's stream from workers and services; never stands in the way of the work.

What a worker says carries its attempt: the scripts refuse what comes from an attempt that was taken over.
Where Valkey cannot be reached the run goes on; what was missed is put back by the next word that arrives.
"""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import redis
from redis.commands.core import Script

from config.common import valkey
from config.common.valkey import connection
from orchestration.streaming import keys, scripts
from orchestration.workflow.terms import Wish

logger = logging.getLogger(__name__)
_QUIET_SECONDS = 2.0
"""After a failed write, how long a worker does not try again."""


class Action(StrEnum):
    """What an event does to the text of its turn."""

    NONE = ""
    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the stream. `turn_id` and `attempt` fence it where it is a turn's."""

    kind: str
    data: Mapping[str, Any]
    turn_id: UUID | None = None
    attempt: int | None = None
    action: Action = Action.NONE
    text: str = ""


class Fenced(Exception):  # a statement about the worker, not an error of the stream
    """Another attempt has the turn: stop, and write nothing more."""


def announce(
    *, session_id: UUID, stamp: int, wish: str, events: Sequence[Event], ended: bool = False
) -> None:
    """Tell `events` of a committed change. Failures are logged, never raised."""
    arguments: list[str | int] = [
        keys.MOST_EVENTS,
        stamp,
        wish,
        keys.KEEP_ENDED_SECONDS if ended else keys.KEEP_SECONDS,
    ]
    names = _names(session_id)
    for event in events:
        names.append(keys.text(session_id, event.turn_id or ""))
        arguments += [
            event.kind,
            encoded(event.data),
            str(event.turn_id or ""),
            "" if event.attempt is None else event.attempt,
            event.action,
            event.text,
        ]
    try:
        with valkey.no_long_wait():
            _script(scripts.ANNOUNCE)(keys=names, args=arguments)
    except redis.RedisError:
        logger.warning("The stream of session %s missed %d events", session_id, len(events))


def resync(*, session_id: UUID, stamp: int, ended: bool) -> bool:
    """Have followers start afresh unless the change `stamp` was told; return whether they were."""
    keep = keys.KEEP_ENDED_SECONDS if ended else keys.KEEP_SECONDS
    told = _script(scripts.RESYNC)(keys=_names(session_id), args=[keys.MOST_EVENTS, stamp, keep])
    return bool(told)


@dataclass(slots=True)
class TurnVoice:
    """What one attempt says while it writes; keeps the visible text, so that a lost one can be put back."""

    session_id: UUID
    turn_id: UUID
    attempt: int
    shown: str
    _bytes: int = field(init=False)
    _silent_until: float = 0.0
    _behind: bool = False

    def __post_init__(self) -> None:
        self._bytes = len(self.shown.encode())

    def say(self, text: str) -> Wish:
        """Append `text` to what followers see and return what the owner wishes, as far as Valkey knows.

        Raises Fenced when the turn was taken over.
        """
        before = self._bytes
        self.shown += text
        self._bytes += len(text.encode())
        if time.monotonic() < self._silent_until:
            return Wish.NONE
        try:
            state, wish = self._append(text, before) if not self._behind else ("lost", "")
            if state == "lost":
                state, wish = self._restore()
            self._behind = False
        except redis.RedisError:
            logger.warning("The stream of turn %s is not reachable", self.turn_id)
            self._behind, self._silent_until = True, time.monotonic() + _QUIET_SECONDS
            return Wish.NONE
        if state == "fenced":
            raise Fenced
        return Wish(wish)

    def _append(self, text: str, before: int) -> tuple[str, str]:
        event = encoded({"turn": str(self.turn_id), "text": text})
        return _answer(
            _script(scripts.TOKENS)(
                keys=self._keys(),
                args=[
                    keys.MOST_EVENTS,
                    str(self.turn_id),
                    self.attempt,
                    before,
                    text,
                    event,
                    keys.KEEP_SECONDS,
                ],
            )
        )

    def _restore(self) -> tuple[str, str]:
        return _answer(
            _script(scripts.RESTORE)(
                keys=self._keys(),
                args=[keys.MOST_EVENTS, str(self.turn_id), self.attempt, self.shown, keys.KEEP_SECONDS],
            )
        )

    def _keys(self) -> list[str]:
        return [*_names(self.session_id), keys.text(self.session_id, self.turn_id)]


def encoded(data: Mapping[str, Any]) -> str:
    """Return `data` as JSON on one line, as an event carries it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)


def _answer(reply: Any) -> tuple[str, str]:
    state, wish = reply
    return state.decode(), wish.decode()


def _names(session_id: UUID) -> list[str]:
    return [keys.events(session_id), keys.fence(session_id), keys.channel(session_id)]


@cache
def _script(source: str) -> Script:
    return connection().register_script(source)
