"""Runs a provider's answer in a thread of its own, so that leases are renewed while it is silent."""

import queue
import threading
import time
from collections.abc import Iterator

from orchestration.providers.base import Delta, ProviderError, ProviderRequest
from orchestration.providers.calls import Call, answer
from orchestration.runtime.timing import CALL_GOODBYE_SECONDS


class Pump:
    """The answer to one request, taken in batches."""

    def __init__(self, request: ProviderRequest) -> None:
        self._request = request
        self._items: queue.SimpleQueue[Delta | Call | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="provider-answer", daemon=True)
        self.calls: list[Call] = []
        self.error: Exception | None = None
        self.done = False
        self._thread.start()

    def take(self, *, wait: float, gather: float) -> str:
        """Return the text that has come: waits at most `wait` for the first piece, gathers for `gather`."""
        try:
            first = self._items.get(timeout=wait)
        except queue.Empty:
            return ""
        pieces = list(self._accept(first))
        deadline = time.monotonic() + gather
        while not self.done:
            try:
                item = self._items.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            pieces += self._accept(item)
        return "".join(pieces)

    def cancel(self) -> str:
        """End the call and return what had still come; the call's usage is in `calls` then."""
        self._request.cancellation.cancel()
        deadline = time.monotonic() + CALL_GOODBYE_SECONDS
        pieces = []
        while not self.done and time.monotonic() < deadline:
            pieces.append(self.take(wait=0.1, gather=0))
        return "".join(pieces)

    def abandon(self) -> None:
        """End the call without waiting for it."""
        self._request.cancellation.cancel()

    def _accept(self, item: Delta | Call | None) -> Iterator[str]:
        if item is None:
            self.done = True
        elif isinstance(item, Call):
            self.calls.append(item)
        else:
            yield item.text

    def _run(self) -> None:
        try:
            for item in answer(self._request):
                self._items.put(item)
        except ProviderError as error:
            self.error = error
        except Exception as error:  # handed to the one who takes
            self.error = error
        finally:
            self._items.put(None)
