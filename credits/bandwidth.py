"""Bytes that leave the studio: added up in Valkey as they go, written to the usage log in batches.

Nothing is charged for them, so no request waits for a row. What is not yet in the log is lost with Valkey's
data, and what a process has not yet added is lost with the process: a stream adds every 15 seconds. A batch
that was closed is in the log once, wherever the flush is killed.
"""

import contextlib
import uuid
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import cast

import redis

from config.common import valkey
from config.common.clock import now
from credits import metering
from credits.metering import Act
from credits.models import Metric

OPEN = "usage:bandwidth:open"
"""A hash: how many bytes for whom, through which door."""
CLOSED = "usage:bandwidth:closed"
"""A list: the names of batches that are not yet known to be in the log."""
_PLACES = Decimal("0.000001")
_GIGABYTE = 2**30
_KEPT = timedelta(days=40)
_CLOSE = """
if redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('RENAME', KEYS[1], ARGV[1])
    redis.call('RPUSH', KEYS[2], ARGV[1])
end
return 1
"""


def field(*, user_id: uuid.UUID, endpoint: str) -> str:
    """Return the field of the open batch that counts the bytes of `user_id` through `endpoint`."""
    return f"{user_id}|{endpoint}"


def note(*, user_id: uuid.UUID, endpoint: str, size: int) -> None:
    """Add `size` bytes that went to a user. Where Valkey is away they are not metered, and nothing fails."""
    with contextlib.suppress(redis.RedisError), valkey.no_long_wait():
        valkey.connection().hincrby(OPEN, field(user_id=user_id, endpoint=endpoint), size)


def flush(*, usd_per_gigabyte: Decimal | None) -> int:
    """Write what was added up until now to the usage log; return how many rows.

    May be killed at any point and run beside itself: a batch is in the log once. Raises redis.RedisError
    where Valkey is away; nothing is lost by that.
    """
    client = valkey.connection()
    client.eval(_CLOSE, 2, OPEN, CLOSED, f"usage:bandwidth:{uuid.uuid4()}")
    written = 0
    for name in cast(list[bytes], client.lrange(CLOSED, 0, -1)):
        sizes = cast(Mapping[bytes, bytes], client.hgetall(name.decode()))
        acts = [_act(key.decode(), int(size), usd_per_gigabyte) for key, size in sizes.items()]
        written += metering.record_batch(key=name.decode(), acts=acts)
        with client.pipeline() as pipe:
            pipe.delete(name.decode())
            pipe.lrem(CLOSED, 0, name.decode())
            pipe.execute()
    metering.forget_batches(before=now() - _KEPT)
    return written


def _act(key: str, size: int, usd_per_gigabyte: Decimal | None) -> Act:
    user_id, _, endpoint = key.partition("|")
    return Act(
        user_id=uuid.UUID(user_id),
        metric=Metric.BANDWIDTH,
        quantity=size,
        cost_usd=((usd_per_gigabyte or Decimal(0)) * size / _GIGABYTE).quantize(_PLACES),
        is_cost_known=usd_per_gigabyte is not None,
        endpoint=endpoint,
    )
