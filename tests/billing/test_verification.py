"""The invariants of plans: silent when all is well, and each sees its defect."""

import pytest
from django.db import connection
from django.utils import timezone

from billing.models import Subscription
from billing.verification import INVARIANTS
from credits.verification import breaks, invariants
from tests.billing.people import comp

pytestmark = pytest.mark.django_db


def test_all_is_well_after_plans_came_and_went(alice, bob, charlie):
    comp(alice, "pro", actor=charlie)
    assert [breaks(invariant) for invariant in INVARIANTS] == [[], []]
    assert {"I18", "I33"} <= {invariant.code for invariant in invariants()}


def test_second_live_subscription_is_seen(alice):
    one_live, _ = INVARIANTS
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX billing_subscription_one_current")
    first = alice.subscriptions.get()
    Subscription.objects.create(
        user=alice, terms=first.terms, source="free", allowance="none", started_at=timezone.now()
    )
    (found,) = breaks(one_live)
    assert (found.wallet_id, found.detail) == (alice.wallet.pk, f"user {alice.pk} has 2 live subscriptions")


@pytest.mark.parametrize(
    "defect",
    [
        "UPDATE credits_monthlyallowance SET amount = amount + 1",
        "UPDATE credits_monthlyallowance SET reference_id = gen_random_uuid()",
        "DELETE FROM credits_monthlyallowance",
        "UPDATE billing_subscription SET allowance = 'withheld'",
    ],
)
def test_month_that_is_not_the_plans_is_seen(alice, defect):
    _, monthly = INVARIANTS
    assert breaks(monthly) == []
    with connection.cursor() as cursor:
        cursor.execute(defect)
    assert [found.wallet_id for found in breaks(monthly)] == [alice.wallet.pk]
