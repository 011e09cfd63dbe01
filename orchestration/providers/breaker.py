"""A circuit breaker per provider, shared by all workers through Valkey.

Several failures in a row open it for a while: nobody calls then, except one probe after the pause. Where
Valkey cannot be reached it stays closed: a breaker saves effort, it does not decide about correctness.
"""

import redis

from config.common.valkey import connection

FAILURES = 5
WINDOW_SECONDS = 60
PAUSE_SECONDS = 20


def seconds_until_allowed(provider: str) -> float:
    """Return how long to wait before calling `provider`; 0 when a call is welcome now."""
    try:
        with_pause = connection().pttl(_key(provider, "open"))
    except redis.RedisError:
        return 0.0
    return max(0.0, with_pause / 1000)


def record_failure(provider: str) -> None:
    """Count a failed call; enough of them within the window open the breaker."""
    try:
        with connection().pipeline(transaction=True) as pipeline:
            pipeline.incr(_key(provider, "failures"))
            pipeline.expire(_key(provider, "failures"), WINDOW_SECONDS)
            failures = pipeline.execute()[0]
        if failures >= FAILURES:
            connection().set(_key(provider, "open"), failures, ex=PAUSE_SECONDS)
    except redis.RedisError:
        return


def record_success(provider: str) -> None:
    """Forget earlier failures."""
    try:
        connection().delete(_key(provider, "failures"), _key(provider, "open"))
    except redis.RedisError:
        return


def _key(provider: str, what: str) -> str:
    return f"breaker:{provider}:{what}"
