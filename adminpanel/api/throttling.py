"""How often an operator may do what the API lets operators do."""

from typing import cast

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.models import User
from config.common import ratelimit
from config.common.errors import TooMany

GRANTS_PER_MINUTE = 30


class GrantThrottle(BaseThrottle):
    """Thirty movements of credits a minute, for one operator."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count it; raises TooMany, or Outage where the cache is away: nobody gets past unasked."""
        who = ratelimit.account(cast(User, request.user).pk)
        tally = ratelimit.take(group="admin:credits", who=who, most=GRANTS_PER_MINUTE, seconds=60)
        if tally.is_over:
            raise TooMany(
                f"That is more than {GRANTS_PER_MINUTE} movements a minute.",
                retry_after=max(1, tally.seconds_left),
                details={"limit": "grants_per_minute", "allowed": GRANTS_PER_MINUTE},
            )
        return True
