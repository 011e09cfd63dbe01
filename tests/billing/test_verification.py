"""The invariants of plans: silent when all is well, and each sees its defect."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from billing.models import StripeSubscription, Subscription
from billing.subscribing import entitling
from billing.verification import INVARIANTS
from credits.verification import breaks, invariants
from tests.billing import told
from tests.billing.people import comp

pytestmark = pytest.mark.django_db


def rule(code):
    """One of the invariants."""
    return next(invariant for invariant in INVARIANTS if invariant.code == code)


def test_all_is_well_after_plans_came_and_went(alice, bob, charlie):
    comp(alice, "pro", actor=charlie)
    assert [breaks(invariant) for invariant in INVARIANTS] == [[]] * len(INVARIANTS)
    assert {"I17", "I18", "I33"} <= {invariant.code for invariant in invariants()}


def test_second_live_subscription_is_seen(alice):
    one_live = rule("I18")
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
    monthly = rule("I33")
    assert breaks(monthly) == []
    with connection.cursor() as cursor:
        cursor.execute(defect)
    assert [found.wallet_id for found in breaks(monthly)] == [alice.wallet.pk]


@pytest.fixture
def payer(alice):
    """Alice pays for starter."""
    told.name_prices()
    period = told.month(told.this_second())
    starter = told.price("starter")
    told.tell(told.a_subscription(alice, starter, period), told.bought(alice, starter, period))
    return alice


@pytest.mark.parametrize(
    ("defect", "said"),
    [
        (
            "UPDATE billing_subscription SET ends_at = ends_at + interval '1 day' WHERE source = 'paid'",
            "is on",
        ),
        ("UPDATE billing_stripesubscription SET is_surplus = TRUE", "is on"),
        ("UPDATE billing_stripesubscription SET revoked_at = now()", "is on"),
        ("UPDATE billing_stripesubscription SET user_id = NULL", "is on"),
        ("UPDATE billing_stripesubscription SET paid_until = NULL", "is on"),
        (
            (
                "UPDATE billing_subscription SET terms_id = (SELECT t.id FROM billing_planterms t"
                " JOIN billing_plan p ON p.id = t.plan_id WHERE p.code = 'pro') WHERE source = 'paid'"
            ),
            "is on pro",
        ),
        (
            "UPDATE billing_subscription SET stripe_id = NULL, source = 'free', ends_at = NULL WHERE source = 'paid'",
            "pays and is not on a plan",
        ),
        (
            (
                "UPDATE billing_subscription SET started_at = started_at - interval '9 days',"
                " ends_at = now() - interval '2 hours' WHERE source = 'paid'"
            ),
            "has a plan that was over",
        ),
    ],
)
def test_plan_that_is_not_what_is_paid_for_is_seen(payer, defect, said):
    truth = rule("I17")
    assert breaks(truth) == []
    with connection.cursor() as cursor:
        cursor.execute(defect)
    found = breaks(truth)
    assert {one.wallet_id for one in found} == {payer.wallet.pk}
    assert any(said in one.detail for one in found)


def test_second_subscription_that_is_charged_is_seen(payer):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX billing_stripesubscription_one_live")
    first = StripeSubscription.objects.get()
    first.pk = "sub_2"
    first.save(force_insert=True)
    assert [one.detail for one in breaks(rule("I18"))] == [f"user {payer.pk} is charged for 2 subscriptions"]


def test_ends_follow_another_length_of_the_grace(payer, settings):
    settings.BILLING_GRACE_DAYS = 7
    assert (entitling.realign(), entitling.realign()) == (1, 0)
    mine = Subscription.objects.current().get(user=payer)
    assert mine.ends_at - mine.stripe.paid_until == timedelta(days=7)
