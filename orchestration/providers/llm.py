"""Language models through one streaming interface: Anthropic, OpenAI and compatible servers, Google."""

import asyncio
import os
import queue
import threading
from collections.abc import AsyncIterator, Iterator
from functools import cache
from importlib import import_module
from typing import Any, cast

import httpx2
from django.conf import settings
from pydantic_ai import exceptions
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    SystemPromptPart,
    TextPart,
    TextPartDelta,
    UserPromptPart,
)
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from orchestration.prompts import CONTINUE
from orchestration.providers.base import Delta, Permanent, ProviderRequest, Transient, Usage
from orchestration.workflow.tokens import estimate

_TRANSIENT_STATUS = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


class LanguageModels:
    """One vendor's models. Calls share a connection pool, kept by one event loop per process."""

    def __init__(self, name: str) -> None:
        self.name = name
        # `_model_of` imports them by name; here they are loaded before the first request needs them.
        import_module(f"pydantic_ai.models.{name}")
        import_module(f"pydantic_ai.providers.{name}")

    def stream(self, request: ProviderRequest) -> Iterator[Delta | Usage]:
        """Yield the model's answer as it comes; see `Provider.stream`."""
        items: queue.SimpleQueue[Delta | Usage | BaseException | None] = queue.SimpleQueue()
        call = asyncio.run_coroutine_threadsafe(self._run(request, items), _loop())
        request.cancellation.on_cancel(call.cancel)
        try:
            while (item := items.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            call.cancel()

    async def _run(
        self,
        request: ProviderRequest,
        items: "queue.SimpleQueue[Delta | Usage | BaseException | None]",
    ) -> None:
        """Put all that the call yields into `items`, then None or the error; runs in the shared loop."""
        try:
            async for item in self._answer(request):
                items.put(item)
            items.put(None)
        except asyncio.CancelledError:
            items.put(None)
            raise
        except Exception as error:  # sorted into what may be retried and what may not
            items.put(_sorted_error(self.name, error))

    async def _answer(self, request: ProviderRequest) -> AsyncIterator[Delta | Usage]:
        model_settings = ModelSettings(
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            timeout=cast("Any", _timeout()),  # declared for httpx, given to SDKs on httpx2
            max_retries=0,
        )
        written: list[str] = []
        model = _model_of(self.name, request.model)
        async with (
            asyncio.timeout(settings.AI_CALL_SECONDS),
            model_request_stream(model, _messages(request), model_settings=model_settings) as stream,
        ):
            async for event in stream:
                text = _text(event)
                if text:
                    written.append(text)
                    yield Delta(text)
            usage, finish = stream.usage, stream.finish_reason
        if finish is None:
            raise Transient(f"{self.name.capitalize()} ended its answer in the middle.")
        exact = bool(usage.output_tokens)
        yield Usage(
            tokens_in=usage.input_tokens or estimate(request.prompt.text + request.prefix),
            tokens_out=usage.output_tokens or estimate("".join(written)),
            exact=exact,
            truncated=finish == "length",
        )


def _timeout() -> httpx2.Timeout:
    return httpx2.Timeout(
        connect=settings.AI_CONNECT_SECONDS, read=settings.AI_SILENCE_SECONDS, write=30, pool=30
    )


def _messages(request: ProviderRequest) -> list[ModelMessage]:
    first = ModelRequest(
        parts=[SystemPromptPart(content=request.prompt.system), UserPromptPart(content=request.prompt.user)]
    )
    if not request.prefix:
        return [first]
    return [
        first,
        ModelResponse(parts=[TextPart(content=request.prefix)]),
        ModelRequest(parts=[UserPromptPart(content=CONTINUE)]),
    ]


def _text(event: object) -> str:
    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return event.part.content
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return event.delta.content_delta
    return ""


def _sorted_error(name: str, error: Exception) -> Exception:
    """Return `error` as Transient or Permanent, in words that hold no key and no address."""
    who = name.capitalize()
    if isinstance(error, Transient):
        return error
    if isinstance(error, exceptions.ModelHTTPError):
        headers = error.headers or {}
        if error.status_code in _TRANSIENT_STATUS:
            return Transient(
                f"{who} answered {error.status_code}.", retry_after=_seconds(headers.get("retry-after"))
            )
        if error.status_code in {401, 403}:
            return Permanent(f"{who} refused the studio's key.")
        return Permanent(f"{who} refused the request ({error.status_code}).")
    if isinstance(error, exceptions.ModelRequestRejectedError):
        return Permanent(f"{who} refused the request.")
    if isinstance(error, TimeoutError | exceptions.ModelTimeoutError | httpx2.TimeoutException):
        return Transient(f"{who} did not answer in time.")
    if isinstance(error, exceptions.ModelAPIError | httpx2.HTTPError | exceptions.UnexpectedModelBehavior):
        return Transient(f"The connection to {who} broke.")
    return Transient(f"{who} sent something unreadable.")


def _seconds(header: str | None) -> float | None:
    try:
        return min(60.0, max(0.0, float(header))) if header else None
    except ValueError:
        return None


def _model_of(provider: str, model: str) -> Model:
    prefix = provider.upper()
    return _model(
        provider, model, getattr(settings, f"{prefix}_API_KEY"), getattr(settings, f"{prefix}_BASE_URL")
    )


@cache
def _model(provider: str, model: str, key: str, address: str) -> Model:
    """Return the client of one model; imports are here because each SDK costs a worker about a second."""
    if provider == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(model, provider=AnthropicProvider(api_key=key, base_url=address or None))
    if provider == "google":
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        return GoogleModel(model, provider=GoogleProvider(api_key=key, base_url=address or None))
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider

    # Servers that speak OpenAI's protocol know `max_tokens`; only OpenAI itself asks for its newer name.
    compatible = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False)
    return OpenAIChatModel(
        model,
        provider=OpenAIProvider(api_key=key or "none", base_url=address or None),
        profile=compatible if address else None,
    )


_started = threading.Lock()
_running: dict[int, asyncio.AbstractEventLoop] = {}


def _loop() -> asyncio.AbstractEventLoop:
    """Return this process's event loop for calls, started at the first one (a forked worker gets its own)."""
    with _started:
        loop = _running.get(os.getpid())
        if loop is None:
            _model.cache_clear()
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="provider-calls", daemon=True).start()
            _running[os.getpid()] = loop
    return loop
