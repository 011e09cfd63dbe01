"""Which plans have API keys."""

from accounts.models import User
from billing import entitlements


def require_access(user: User) -> None:
    """Raise Refused, with the cheapest plan that has them, unless the plan of `user` has API keys."""
    entitlements.require_feature(user=user, feature="api_access")
