"""One answer out of as many calls as it takes: retries, the breaker and the fallback model."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from django.conf import settings

from orchestration.providers import breaker
from orchestration.providers.base import Delta, Permanent, ProviderError, ProviderRequest, Transient, Usage
from orchestration.providers.registry import availability, provider_of
from orchestration.workflow.tokens import estimate

MOST_CALLS = 3
_LONGEST_PAUSE = 20.0


class CallStatus(StrEnum):
    """How a call to a provider came out."""

    OK = "ok"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a provider, for the request log."""

    provider: str
    model: str
    status: CallStatus
    latency_ms: int
    first_token_ms: int | None
    usage: Usage
    text: str
    error: str = ""


def answer(request: ProviderRequest) -> Iterator[Delta | Call]:
    """Yield the answer to `request` piece by piece, and each call after its last piece.

    A call that fails on the way is tried again, after a pause, from the text that has come; at most
    MOST_CALLS in all, the last one to the fallback model where there is one. Ends early when cancelled;
    raises the last ProviderError when every call failed.
    """
    for number in range(1, MOST_CALLS + 1):
        received: list[str] = []
        try:
            for item in _call(_model_for(request, number)):
                if isinstance(item, Delta):
                    received.append(item.text)
                yield item
        except ProviderError as error:
            if isinstance(error, Permanent) and not _has_fallback(request, number):
                raise
            if number == MOST_CALLS:
                raise
            request = _continued(request, "".join(received))
            if request.cancellation.wait(_pause(number, error)):
                return
        else:
            return


def _call(request: ProviderRequest) -> Iterator[Delta | Call]:
    provider = provider_of(request.model)
    wait = breaker.seconds_until_allowed(provider.name)
    if wait:
        raise Transient(f"{provider.name.capitalize()} is having trouble.", retry_after=wait)
    begun = time.monotonic()
    first: int | None = None
    written: list[str] = []
    usage: Usage | None = None
    error: ProviderError | None = None
    try:
        for item in provider.stream(request):
            if isinstance(item, Usage):
                usage = item
                continue
            if first is None:
                first = _milliseconds(begun)
            written.append(item.text)
            yield item
    except ProviderError as failure:
        error = failure
    text = "".join(written)
    if isinstance(error, Transient):
        breaker.record_failure(provider.name)
    elif error is None and usage is not None:
        breaker.record_success(provider.name)
    yield Call(
        provider=provider.name,
        model=request.model,
        status=_status(request, error),
        latency_ms=_milliseconds(begun),
        first_token_ms=first,
        usage=usage or _estimated(request, text),
        text=text,
        error=str(error or ""),
    )
    if error is not None:
        raise error


def _status(request: ProviderRequest, error: ProviderError | None) -> CallStatus:
    if error is not None:
        return CallStatus.FAILED
    return CallStatus.CANCELLED if request.cancellation.cancelled else CallStatus.OK


def _estimated(request: ProviderRequest, text: str) -> Usage:
    """Return the likely usage of a call that told none; one that wrote nothing is taken as free."""
    if not text:
        return Usage(0, 0, exact=False)
    return Usage(estimate(request.prompt.text + request.prefix), estimate(text), exact=False)


def _continued(request: ProviderRequest, received: str) -> ProviderRequest:
    left = max(1, request.max_tokens - estimate(received)) if received else request.max_tokens
    return replace(request, prefix=request.prefix + received, max_tokens=left)


def _model_for(request: ProviderRequest, number: int) -> ProviderRequest:
    if number == MOST_CALLS and _fallback(request.model):
        return replace(request, model=settings.AI_FALLBACK_MODEL)
    return request


def _has_fallback(request: ProviderRequest, number: int) -> bool:
    return number < MOST_CALLS and _fallback(request.model)


def _fallback(model: str) -> bool:
    other = settings.AI_FALLBACK_MODEL
    return bool(other) and other != model and availability(other).available


def _pause(number: int, error: ProviderError) -> float:
    """Return how long to wait before call `number` + 1: twice as long each time, with jitter."""
    pause = settings.AI_RETRY_SECONDS * 2 ** (number - 1) * random.uniform(0.5, 1.5)  # noqa: S311
    asked = error.retry_after if isinstance(error, Transient) and error.retry_after else 0.0
    return min(_LONGEST_PAUSE, max(pause, asked))


def _milliseconds(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
