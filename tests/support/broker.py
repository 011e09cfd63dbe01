"""Empties Valkey between tests without pulling the queues from under a running worker."""

import redis
from django.conf import settings

_BINDINGS = b"_kombu."  # which queue hears what; a producer declares it once and would not do so again
_CACHE = b":1:"  # the prefix of Django's cache keys


def forget(*, cache_only: bool) -> None:
    """Delete what earlier tests left; only cached values and rate limits when `cache_only`."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        keys = client.scan_iter(count=1000)
        if cache_only:
            stale = [key for key in keys if key.startswith(_CACHE)]
        else:
            stale = [key for key in keys if not key.startswith(_BINDINGS)]
        if stale:
            client.delete(*stale)
