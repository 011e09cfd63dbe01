"""How often an hour a user may ask for what costs much: by the plan, counted in the shared cache."""

from datetime import timedelta

from accounts.models import User
from billing import entitlements
from billing.entitlements import Decision
from config.common import ratelimit
from config.common.clock import now
from config.common.ratelimit import Tally

AI_REQUESTS = "ai_requests_per_hour"
"""Asking agents to work: to start, to go on after a pause, to run a turn again."""


def asked(user: User) -> int:
    """Return how many AI requests the user has made in the running hour. Outage where the cache is away."""
    allowed = entitlements.limits_for(user).of(AI_REQUESTS)
    if allowed is None:
        return 0
    return min(allowed, ratelimit.peek(group=AI_REQUESTS, who=_who(user), most=allowed).count)


def require(user: User) -> None:
    """Raise TooMany (`rate_limited`) where the hour has no room for one more AI request; counts nothing.

    Raises Outage where the cache is away: nobody gets past a limit that cannot be asked.
    """
    allowed = entitlements.limits_for(user).of(AI_REQUESTS)
    if allowed is not None:
        tally = ratelimit.peek(group=AI_REQUESTS, who=_who(user), most=allowed)
        _judge(user, allowed, tally, tally.count)


def take(user: User) -> None:
    """Count one AI request. Raises TooMany where it is one too many, Outage where the cache is away."""
    allowed = entitlements.limits_for(user).of(AI_REQUESTS)
    if allowed is not None:
        tally = ratelimit.take(group=AI_REQUESTS, who=_who(user), most=allowed)
        _judge(user, allowed, tally, tally.count - 1)


def _judge(user: User, allowed: int, tally: Tally, before: int) -> None:
    decision = Decision(limit=AI_REQUESTS, used=min(before, allowed), adding=1, maximum=allowed)
    if not decision.allowed:
        resets_at = now() + timedelta(seconds=tally.seconds_left)
        raise entitlements.refusal(user=user, decision=decision, resets_at=resets_at)


def _who(user: User) -> str:
    return ratelimit.account(user.pk)
