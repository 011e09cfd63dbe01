"""How many streams a user has open, counted over all processes."""

import time
from uuid import UUID

from redis.asyncio import Redis

from orchestration.streaming.scripts import TAKE_SEAT

SECONDS = 45
"""A place that is not kept is free again after this."""


async def take(client: "Redis", *, user_id: UUID, seat: str, most: int) -> bool:
    """Take the place `seat` for `user_id`, or keep it; False when `most` others are taken."""
    now = time.time()
    taken = await client.eval(TAKE_SEAT, 1, _key(user_id), seat, now, now + SECONDS, most)
    return bool(taken)


async def leave(client: "Redis", *, user_id: UUID, seat: str) -> None:
    """Give the place back."""
    await client.zrem(_key(user_id), seat)


def _key(user_id: UUID) -> str:
    return f"streams:{user_id}"
