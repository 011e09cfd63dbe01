"""How often somebody may do something within an hour: counted in the shared cache, never open by accident.

The one door to django-ratelimit. Its decorator asks who is signed in before the API knows it, gives all
visitors one bucket, takes a proxy for the client, and lets the errors of a cache that is away pass.
"""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import get_usage

from config.common import valkey
from config.common.errors import TooMany
from config.common.network import client_ip
from config.common.outages import Outage

HOUR = 3600


class Tier(StrEnum):
    """How much a request costs the studio."""

    READ = "read"
    WRITE = "write"
    COSTLY = "costly"


@dataclass(frozen=True, slots=True)
class Tally:
    """How often it was done in the running hour, this time included where it was counted."""

    count: int
    most: int
    seconds_left: int

    @property
    def is_over(self) -> bool:
        """Whether this was too often."""
        return self.count > self.most


def account(user_id: UUID) -> str:
    """Return whom a limit counts for somebody who is signed in."""
    return f"user:{user_id}"


def network(request: HttpRequest) -> str:
    """Return whom a limit counts for a visitor: an IPv4 address, or the /64 that one IPv6 customer has."""
    address = ipaddress.ip_address(client_ip(request))
    prefix = 64 if address.version == 6 else 32
    return f"address:{ipaddress.ip_network((address, prefix), strict=False)}"


def take(*, group: str, who: str, most: int, seconds: int = HOUR) -> Tally:
    """Count one, and return the tally with it. Raises Outage where the cache is away."""
    return _tally(group, who, most, seconds, counting=True)


def peek(*, group: str, who: str, most: int, seconds: int = HOUR) -> Tally:
    """Return the tally, counting nothing. Raises Outage where the cache is away."""
    return _tally(group, who, most, seconds, counting=False)


def admit(request: HttpRequest, tier: Tier) -> None:
    """Count a request for whoever sends it; raise TooMany where it is too often for its `tier`.

    Without the cache, what costs much and what visitors change are refused with Outage; reading, and what the
    signed-in change (stopping a run, saving a text), goes on unlimited.
    """
    user: Any = getattr(request, "user", None)
    is_signed_in = user is not None and user.is_authenticated
    by_account, by_address = settings.REQUESTS_PER_HOUR[tier]
    who, most = (account(user.pk), by_account) if is_signed_in else (network(request), by_address)
    try:
        tally = take(group=f"requests:{tier}", who=who, most=most)
    except Outage:
        if tier == Tier.READ or (tier == Tier.WRITE and is_signed_in):
            return
        raise
    if tally.is_over:
        sender = "you" if is_signed_in else "your network"
        raise TooMany(
            f"That is more than {most} requests an hour from {sender}.",
            retry_after=max(1, tally.seconds_left),
            details={"limit": f"{tier}_requests_per_hour", "allowed": most},
        )


def _tally(group: str, who: str, most: int, seconds: int, *, counting: bool) -> Tally:
    for _ in range(2):
        try:
            with valkey.no_long_wait():
                usage = get_usage(
                    None, group=group, key=lambda *_: who, rate=(most, seconds), increment=counting
                )
        except redis.RedisError as error:
            raise Outage from error
        # The library says -1 where the count was gone between its two questions: the hour has just ended.
        if usage["time_left"] >= 0:
            return Tally(usage["count"], most, usage["time_left"])
    raise Outage
