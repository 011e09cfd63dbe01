"""The connection to Valkey: short timeouts, because everything there can be made again."""

import contextlib
import time
from collections.abc import Iterator
from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_SECONDS = 1.0
_LONG_SECONDS = 0.5
_QUIET_SECONDS = 1.0
_silent_until = 0.0


@cache
def connection() -> "redis.Redis":
    """Return this process's client; its pool is safe for threads, and for forks (redis-py renews it)."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        # Once more, at once: enough for a connection that a restart has cut; a dead server is not waited for.
        retry=Retry(NoBackoff(), 1),
    )


@contextlib.contextmanager
def no_long_wait() -> Iterator[None]:
    """Talk to it for the length of a `with`, unless it kept this process waiting a moment ago.

    Raises redis.ConnectionError then, at once: one request waits for a frozen server once, not at every step.
    """
    global _silent_until
    began = time.monotonic()
    if began < _silent_until:
        raise redis.ConnectionError("Valkey did not answer a moment ago.")
    try:
        yield
    except Exception:
        if time.monotonic() - began >= _LONG_SECONDS:
            _silent_until = time.monotonic() + _QUIET_SECONDS
        raise
