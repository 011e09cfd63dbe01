"""Who is on which plan, and how that changes."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import User
from billing import entitlements
from billing.catalogue.loading import load
from billing.models import Plan, Subscription
from billing.provisioning import comp_plan, end_comp, end_lapsed, open_missing_subscriptions
from billing.signals import plan_changed
from config.common.errors import Conflict, Invalid
from credits.models import Lot
from tests.billing.catalogues import edited, load_shipped, unload
from tests.billing.people import comp
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def changes():
    """What `plan_changed` said."""
    heard = []

    def hear(user, old, new, **kwargs):
        heard.append((user.pk, old and old.plan.code, new.plan.code))

    plan_changed.connect(hear)
    yield heard
    plan_changed.disconnect(hear)


def _plan(user):
    entitlements.forget(user)
    return entitlements.entitlements_of(user).plan_code


def test_new_account_is_on_the_free_plan(alice):
    subscription = alice.subscriptions.get()
    assert (subscription.terms.plan.code, subscription.source) == ("free", "free")
    assert (subscription.ends_at, subscription.ended_at) == (None, None)


def test_operator_account_is_on_the_free_plan_too(db):
    operator = User.objects.create_superuser("operator@example.com", "a long and lovely passphrase")
    assert operator.subscriptions.get().terms.plan.code == "free"


def test_account_opens_before_any_catalogue():
    unload()
    early = open_account("early")
    assert not early.subscriptions.exists()
    assert open_missing_subscriptions() == 0
    load_shipped("atelier")
    assert early.subscriptions.get().terms.plan.code == "free"
    assert open_missing_subscriptions() == 0


def test_comp_puts_a_user_on_the_plan_and_grants_its_month(alice, charlie, changes):
    subscription = comp(alice, "pro", actor=charlie, reason="  first reader  ")
    assert _plan(alice) == "pro"
    assert (subscription.actor, subscription.reason, subscription.allowance) == (
        charlie,
        "first reader",
        "granted",
    )
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == 520
    assert [
        (lot.granted, lot.period_start) for lot in Lot.objects.filter(wallet=alice.wallet).order_by("pk")
    ] == [
        (20, alice.wallet.opened_at),
        (500, subscription.started_at),
    ]
    free = alice.subscriptions.get(source="free")
    assert (free.ended_at, free.end_actor, free.end_reason) == (
        subscription.started_at,
        charlie,
        "first reader",
    )
    assert changes == [(alice.pk, "free", "pro")]


def test_same_plan_again_moves_the_end_and_grants_nothing(alice, charlie):
    comp(alice, "pro", actor=charlie)
    load(source=edited("projects = 50\n", "projects = 60\n"))
    longer = comp(alice, "pro", actor=charlie, days=180, reason="still reading")
    assert alice.subscriptions.filter(source="comp").count() == 2
    assert (longer.allowance, longer.reason) == ("granted", "still reading")
    entitlements.forget(alice)
    assert entitlements.limits_for(alice).projects == 50
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == 520


def test_another_plan_grants_its_own_month(alice, charlie):
    comp(alice, "starter", actor=charlie)
    comp(alice, "pro", actor=charlie)
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == 20 + 150 + 500


def test_comp_of_an_unmetered_plan_grants_no_credits(alice, charlie):
    load_shipped("humanizer")
    assert comp(alice, "premium", actor=charlie).allowance == "none"
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == 20


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"until": timezone.now() - timedelta(seconds=1)}, "until"),
        ({"plan": "free"}, "plan"),
        ({"plan": "starter", "withdrawn": True}, "plan"),
    ],
)
def test_bad_comp_is_refused_and_changes_nothing(alice, charlie, changes, change, field):
    if change.get("withdrawn"):
        Plan.objects.filter(code="starter").update(is_offered=False)
    with pytest.raises(Invalid) as refused:
        comp_plan(
            user=alice,
            plan=Plan.objects.get(code=change.get("plan", "pro")),
            until=change.get("until", timezone.now() + timedelta(days=1)),
            actor=charlie,
            reason=change.get("reason", "a gift"),
        )
    assert set(refused.value.details["fields"]) == {field}
    assert alice.subscriptions.get().ended_at is None
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == 20
    assert changes == []


def test_ended_comp_falls_back_to_free_and_takes_no_credit_away(alice, charlie, changes):
    comp(alice, "pro", actor=charlie)
    end_comp(user=alice, actor=charlie, reason="over")
    assert _plan(alice) == "free"
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == 520
    ended = alice.subscriptions.get(source="comp")
    assert (ended.end_actor, ended.end_reason) == (charlie, "over")
    assert alice.subscriptions.get(ended_at=None).allowance == "granted"
    assert changes[-1] == (alice.pk, "pro", "free")


def test_fallback_keeps_the_free_terms_the_user_had(alice, charlie):
    load(source=edited("projects = 2\n", "projects = 1\n"))
    comp(alice, "pro", actor=charlie)
    end_comp(user=alice, actor=charlie, reason="over")
    entitlements.forget(alice)
    assert entitlements.limits_for(alice).projects == 2


def test_only_a_comp_can_be_ended_and_only_with_a_reason(alice, charlie):
    with pytest.raises(Conflict):
        end_comp(user=alice, actor=charlie, reason="over")
    comp(alice, "pro", actor=charlie)
    with pytest.raises(Invalid):
        end_comp(user=alice, actor=charlie, reason=" ")
    assert _plan(alice) == "pro"


def test_comp_stops_counting_at_its_end_and_the_sweep_ends_it(alice, charlie, changes):
    comp(alice, "pro", actor=charlie, days=10)
    assert _plan(alice) == "pro"
    with time_machine.travel(timezone.now() + timedelta(days=10, seconds=1)):
        assert entitlements.entitlements_of(alice).plan_code == "free"
        assert end_lapsed() == 1
        assert end_lapsed() == 0
        assert _plan(alice) == "free"
    ended = alice.subscriptions.get(source="comp")
    assert (ended.ended_at, ended.end_actor) == (ended.ends_at, None)
    assert changes[-1] == (alice.pk, "pro", "free")


def test_same_plan_again_after_its_end_begins_a_month_of_its_own(alice, charlie):
    first = comp(alice, "pro", actor=charlie, days=40)
    with time_machine.travel(timezone.now() + timedelta(days=50)):
        comp(alice, "pro", actor=charlie)
    first.refresh_from_db()
    assert first.ended_at == first.ends_at
    granted = Lot.objects.filter(wallet=alice.wallet).order_by("pk").values_list("granted", flat=True)
    assert list(granted) == [20, 500, 500]


@pytest.mark.django_db(transaction=True)
def test_comps_at_once_leave_one_current_subscription_and_one_grant():
    alice, charlie = open_account("alice"), open_account("charlie")
    barrier = Barrier(8)

    def give():
        barrier.wait()
        comp(User.objects.get(pk=alice.pk), "pro", actor=charlie)
        connection.close()

    threads = [Thread(target=give) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Subscription.objects.filter(user=alice, ended_at=None).count() == 1
    assert Subscription.objects.filter(user=alice).count() == 9
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == 520
