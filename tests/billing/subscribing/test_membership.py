"""Where users stand with their plans."""

from datetime import timedelta

import pytest

from billing import entitlements
from billing.models import StripeSubscription, Subscription
from billing.subscribing.membership import State, membership_of
from config.common.clock import now
from tests.billing.paying import past_due, pays, price_of
from tests.billing.people import comp

pytestmark = pytest.mark.django_db


def _set(paid, **fields):
    StripeSubscription.objects.filter(pk=paid.pk).update(**fields)


def test_free_plan_costs_nothing_and_does_not_end(alice, django_assert_num_queries):
    with django_assert_num_queries(2):
        member = membership_of(alice)
    assert (member.state, member.price, member.renews_at, member.works_until) == (
        State.FREE, None, None, None,
    )  # fmt: skip
    assert not member.can_cancel


def test_paid_plan_renews_with_its_period(alice):
    paid = pays(alice, "pro", "year")
    member = membership_of(alice)
    assert (member.state, member.paid_plan) == (State.ACTIVE, "pro")
    assert (member.renews_at, member.renewal_cents) == (paid.period_end, 79000)
    assert member.works_until is None
    assert member.can_cancel


def test_trial_says_what_comes_after_it(alice):
    pays(alice, status="trialing", trial_end=now() + timedelta(days=3))
    member = membership_of(alice)
    assert (member.state, member.renewal_cents) == (State.TRIALING, 7900)


def test_planned_change_is_what_is_paid_next(alice):
    paid = pays(alice)
    _set(paid, next_price=price_of("starter"), next_at=paid.period_end)
    member = membership_of(alice)
    assert (member.state, member.renewal_cents, member.next_price) == (
        State.ACTIVE, 2900, price_of("starter"),
    )  # fmt: skip


def test_cancelled_plan_works_to_its_end_and_is_paid_no_more(alice):
    paid = pays(alice)
    _set(paid, cancel_at=paid.period_end)
    member = membership_of(alice)
    assert (member.state, member.renews_at, member.renewal_cents) == (State.ENDING, None, None)
    assert member.works_until == paid.ends_at
    assert not member.can_cancel


def test_plan_whose_day_has_come_is_over_before_stripe_has_told(alice):
    paid = pays(alice)
    _set(paid, cancel_at=now() - timedelta(minutes=1))
    assert membership_of(alice).state == State.ENDED


def test_failed_payment_comes_before_everything(alice):
    paid = past_due(alice)
    _set(paid, cancel_at=paid.period_end)
    member = membership_of(alice)
    assert (member.state, member.has_lapsed, member.works_until) == (State.PAST_DUE, False, paid.ends_at)


def test_plan_whose_grace_is_over_has_lapsed_while_stripe_still_tries(alice):
    past_due(alice)
    Subscription.objects.filter(user=alice).update(ends_at=now())
    entitlements.forget(alice)
    member = membership_of(alice)
    assert (member.state, member.has_lapsed, member.mine.plan_code) == (State.PAST_DUE, True, "free")


def test_plan_that_is_over_works_through_its_grace(alice):
    pays(alice, status="canceled", ended_at=now())
    member = membership_of(alice)
    assert (member.state, member.paid) == (State.ENDED, None)
    assert member.works_until == member.mine.ends_at


def test_given_plan_is_what_one_has(alice, charlie):
    comp(alice, "enterprise", actor=charlie)
    member = membership_of(alice)
    assert (member.state, member.works_until) == (State.GIVEN, member.mine.ends_at)


def test_surplus_and_strangers_subscriptions_are_not_ones_own(alice, bob):
    pays(alice, is_surplus=True)
    pays(bob)
    assert membership_of(alice).paid is None
