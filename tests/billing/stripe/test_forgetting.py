"""Which requests to Stripe are forgotten, and when."""

from datetime import timedelta

import pytest

from billing.models import StripeRequest
from billing.stripe.operations import OPERATIONS
from billing.tasks import prune_events
from config.common.clock import now

pytestmark = pytest.mark.django_db
PASSING = ["billing_portal.session.create", "checkout.session.create", "customer.update"]


def asked(operation, *, days, state="done"):
    at = now() - timedelta(days=days)
    return StripeRequest.objects.create(
        key=f"{operation}:{days}:{state}",
        operation=operation,
        state=state,
        result_id="id" if state == "done" else "",
        error="no" if state == "refused" else "",
        created_at=at,
        sent_at=at,
        finished_at=None if state == "pending" else at,
    )


def test_pages_that_were_opened_and_addresses_that_were_told_are_forgotten_after_90_days():
    for operation in PASSING:
        for state in ("done", "refused"):
            asked(operation, days=91, state=state)
    kept = {asked(operation, days=89).key for operation in PASSING}
    kept |= {asked(operation, days=400, state="pending").key for operation in PASSING}
    prune_events()
    assert set(StripeRequest.objects.values_list("key", flat=True)) == kept


def test_whatever_makes_an_object_or_moves_money_is_never_forgotten():
    others = [name for name in OPERATIONS if name not in PASSING]
    kept = {asked(operation, days=4000).key for operation in others}
    prune_events()
    assert {"customer.create", "refund.create", "subscription.update"} < set(others)
    assert set(StripeRequest.objects.values_list("key", flat=True)) == kept
