"""What a provider of text is to the studio: it takes a request and streams an answer."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from orchestration.material import Material
from orchestration.prompts import Prompt, render


class Cancellation:
    """Tells a provider, from another thread, that nobody wants the rest of its answer."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], object]] = []

    def cancel(self) -> None:
        """Ask for the end; callbacks run once, in this thread."""
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    @property
    def cancelled(self) -> bool:
        """Whether the end was asked for."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep at most `seconds`; return early, with True, when cancelled."""
        return self._event.wait(seconds)

    def on_cancel(self, callback: Callable[[], object]) -> None:
        """Call `callback` when cancelled; at once if that has happened."""
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return
        callback()


@dataclass(frozen=True)
class ProviderRequest:
    """One answer that is wanted.

    `max_tokens` bounds the output and derives from the credits held for the turn. `prefix` is the part of
    the answer that exists already: the provider continues exactly after it and does not repeat it.
    """

    model: str
    material: Material
    max_tokens: int
    temperature: float = 0.7
    prefix: str = ""
    cancellation: Cancellation = field(default_factory=Cancellation)

    @cached_property
    def prompt(self) -> Prompt:
        """The request in words, for providers that are language models."""
        return render(self.material)


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the call used, sent once at its end.

    `exact` is False where the provider told nothing and the figures are estimates; `truncated` says that
    the answer was cut off at `max_tokens`.
    """

    tokens_in: int
    tokens_out: int
    exact: bool = True
    truncated: bool = False


class ProviderError(Exception):
    """The provider did not give (the whole of) an answer; the message is for people."""


class Transient(ProviderError):
    """It may work when tried again, at the earliest after `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(ProviderError):
    """Trying the same again is of no use."""


class Provider(Protocol):
    """A source of answers."""

    name: str

    def stream(self, request: ProviderRequest) -> Iterator[Delta | Usage]:
        """Yield the answer piece by piece, then its usage.

        Ends early, perhaps without usage, when the request is cancelled. Raises Transient or Permanent.
        """
        ...
