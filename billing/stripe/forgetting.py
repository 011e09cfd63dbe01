"""Forgets what was asked of Stripe long ago, where nothing relies on it."""

from datetime import timedelta

from billing.models import StripeRequest
from billing.stripe.operations import OPERATIONS
from config.common.clock import now

KEPT = timedelta(days=90)
"""How long requests are kept whose outcome is known and whose operation is passing."""


def prune() -> int:
    """Forget old pages of Stripe's that were opened, and old changes of an address; return how many.

    All others stay: `customer:…` and `setup:…` are asked for again where a copy is lost and shall make no
    second object, `refund…` says that money has gone back, and a change of a plan happens once for a key.
    """
    passing = [name for name, operation in OPERATIONS.items() if operation.is_passing]
    settled = StripeRequest.objects.exclude(state=StripeRequest.State.PENDING)
    return settled.filter(operation__in=passing, finished_at__lt=now() - KEPT).delete()[0]
