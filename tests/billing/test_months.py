"""The months that come with a plan: every one, of the plan in force, once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
import time_machine
from django.utils import timezone

from billing import allowances, free_credits
from billing.catalogue.loading import load
from billing.models import PlanTerms, Subscription
from billing.provisioning import end_comp, end_lapsed
from credits import ledger, resets, verification
from credits.models import Lot, MonthlyAllowance, Wallet
from credits.periods import Period, month_start, nth_period
from tests.billing.catalogues import edited, load_shipped
from tests.billing.people import comp
from tests.credits.books import fresh_key, fund, hold
from tests.support.people import open_account

pytestmark = pytest.mark.django_db

TIERS = {"free": 20, "starter": 150, "pro": 500, "enterprise": 2_000}


def granted(user):
    """The user's allowances: credits, start, end."""
    lots = Lot.objects.filter(wallet=user.wallet, source="allowance").order_by("id")
    return list(lots.values_list("granted", "period_start", "expires_at"))


def amounts(user):
    """The user's allowances in credits."""
    return [amount for amount, _, _ in granted(user)]


def reset(user, *, at):
    """Let the clock strike; return how many months that began for the user."""
    before = len(granted(user))
    resets.run(at=at)
    return len(granted(user)) - before


def next_month(user):
    """Let the clock strike at the end of the user's month."""
    return reset(user, at=Wallet.objects.get(pk=user.wallet.pk).period_end)


def assert_plans_are_followed():
    """What each wallet gets is what its plan says."""
    (rule,) = (rule for rule in verification.invariants() if rule.code == "I33")
    assert verification.breaks(rule) == []


def test_free_credits_come_every_month(alice):
    opened = alice.wallet.opened_at
    for _ in range(3):
        assert next_month(alice) == 1
    assert granted(alice) == [
        (20, month_start(anchor=opened, months=n), month_start(anchor=opened, months=n + 1)) for n in range(4)
    ]
    alice.wallet.refresh_from_db()
    assert (alice.wallet.available, alice.wallet.allowance) == (20, 20)
    assert_plans_are_followed()


def test_who_is_not_verified_or_has_had_them_gets_none(alice):
    dora, again = open_account("dora", verified=False), open_account("alice+again")
    assert resets.run(at=timezone.now() + timedelta(days=400)) == 1
    assert (amounts(dora), amounts(again), len(amounts(alice))) == ([], [], 2)
    assert_plans_are_followed()


def test_comp_longer_than_a_month_gets_each_months_credits(alice, charlie):
    started = comp(alice, "pro", actor=charlie, days=90).started_at
    for _ in range(2):
        assert next_month(alice) == 1
    assert next_month(alice) == 0
    assert granted(alice)[1:] == [
        (500, month_start(anchor=started, months=n), month_start(anchor=started, months=n + 1))
        for n in range(3)
    ]


def test_free_months_go_on_where_the_comps_end(alice, charlie):
    subscription = comp(alice, "pro", actor=charlie, days=40)
    next_month(alice)
    with time_machine.travel(subscription.ends_at + timedelta(seconds=1)):
        assert end_lapsed() == 1
    assert_plans_are_followed()
    for _ in range(2):
        assert next_month(alice) == 1
    assert amounts(alice) == [20, 500, 500, 20, 20]
    for (_, _, end), (_, start, _) in pairwise(granted(alice)[1:]):
        assert start == end
    assert granted(alice)[-1][1] == month_start(anchor=subscription.started_at, months=3)


def test_month_that_begins_after_the_comp_ended_is_not_its(alice, charlie):
    """Whichever comes first, the clock's reset or the end of the comp."""
    subscription = comp(alice, "pro", actor=charlie, days=10)
    assert next_month(alice) == 0
    with time_machine.travel(subscription.ends_at + timedelta(days=30)):
        end_lapsed()
        assert reset(alice, at=timezone.now()) == 1
    assert amounts(alice) == [20, 500, 20]


def test_longer_comp_goes_on_with_its_months(alice, charlie):
    comp(alice, "pro", actor=charlie, days=10)
    comp(alice, "pro", actor=charlie, days=50, reason="still reading")
    assert_plans_are_followed()
    assert [next_month(alice), next_month(alice)] == [1, 0]
    assert amounts(alice) == [20, 500, 500]


def test_shortened_comp_stops_sooner(alice, charlie):
    comp(alice, "pro", actor=charlie, days=90)
    comp(alice, "pro", actor=charlie, days=10, reason="a mistake")
    assert next_month(alice) == 0


def test_comp_of_an_unmetered_plan_stops_the_months(alice, charlie):
    load_shipped("humanizer")
    comp(alice, "premium", actor=charlie)
    assert not MonthlyAllowance.objects.filter(wallet=alice.wallet).exists()
    assert_plans_are_followed()
    end_comp(user=alice, actor=charlie, reason="over")
    assert_plans_are_followed()
    assert next_month(alice) == 1
    assert amounts(alice) == [20, 20]


def test_first_credits_after_a_comp_begin_with_its_last_month(charlie):
    dora = open_account("dora", verified=False)
    comp(dora, "pro", actor=charlie)
    end_comp(user=dora, actor=charlie, reason="a mistake")
    end = Wallet.objects.get(owner=dora).period_end
    with time_machine.travel(end + timedelta(hours=2)):
        assert reset(dora, at=timezone.now()) == 0
        dora.emailaddress_set.update(verified=True)
        assert free_credits.grant_waiting_allowances() == 1
    assert granted(dora)[1][:2] == (20, end)


def test_unused_credits_are_taken_over_up_to_the_catalogues_cap(alice, charlie):
    published = load(source=edited("rollover_cap = 0", "rollover_cap = 200")).terms
    assert {terms.plan.code for terms in published} == set(TIERS)
    comp(alice, "pro", actor=charlie)
    next_month(alice)
    assert amounts(alice) == [20, 500, 700]


def test_terms_that_were_given_keep_their_cap(alice):
    load(source=edited("rollover_cap = 0", "rollover_cap = 200"))
    next_month(alice)
    assert amounts(alice) == [20, 20]


YEAR = Period(datetime(2028, 1, 31, 9, tzinfo=UTC), datetime(2029, 1, 31, 9, tzinfo=UTC))


def paid(user, plan="pro"):
    """A subscription as a payment will make it: not over by itself."""
    Subscription.objects.filter(user=user).update(ended_at=timezone.now())
    return Subscription.objects.create(
        user=user,
        terms=PlanTerms.objects.offered().get(plan__code=plan),
        source="free",
        allowance="waiting",
        started_at=timezone.now(),
    )


def begin(*, subscription, period, anchor):
    """Begin a period that was paid for on the terms there are; return what its running month brings."""
    return allowances.begin_period(
        subscription=subscription,
        period=period,
        anchor=anchor,
        terms=subscription.terms,
        key=f"invoice:{period.start}",
    )


def test_paid_month_is_granted_once_and_the_next_only_when_paid(alice):
    subscription = paid(alice)
    months = [nth_period(anchor=YEAR.start, index=index) for index in range(3)]
    with time_machine.travel(YEAR.start + timedelta(hours=1)) as clock:
        for number, month in enumerate(months):
            clock.move_to(month.start + timedelta(hours=1))
            assert number == 0 or reset(alice, at=timezone.now()) == 0
            pay = {"subscription": subscription, "period": month, "anchor": YEAR.start}
            assert [begin(**pay) for _ in range(3)] == [500, 500, 500]
            alice.wallet.refresh_from_db()
            assert (alice.wallet.period_start, alice.wallet.period_end) == (month.start, month.end)
            assert len(granted(alice)) == number + 2
    assert granted(alice)[1:] == [(500, month.start, month.end) for month in months]
    assert Subscription.objects.get(pk=subscription.pk).allowance == "granted"
    assert_plans_are_followed()


def test_paid_year_is_granted_monthly(alice):
    subscription = paid(alice)
    with time_machine.travel(YEAR.start + timedelta(hours=1)):
        assert begin(subscription=subscription, period=YEAR, anchor=YEAR.start)
    for index in range(1, 12):
        assert resets.run(at=month_start(anchor=YEAR.start, months=index)) == 1
    assert resets.run(at=YEAR.end) == 0
    assert [start for _, start, _ in granted(alice)[1:]] == [
        month_start(anchor=YEAR.start, months=index) for index in range(12)
    ]
    assert granted(alice)[-1][2] == YEAR.end


@pytest.mark.parametrize(
    ("anchor", "start", "end", "months"),
    [
        ("2028-01-31", "2028-02-29", "2028-03-31", 1),  # its second month
        ("2028-02-29", "2031-02-28", "2032-02-29", 12),  # ends on the leap day again
        ("2028-01-31", "2028-04-17", "2028-05-17", 1),  # not the payer's month: changed in its middle
        ("2028-02-28", "2028-02-28", "2028-03-31", 1),  # three days more than a month are no second one
        ("2028-03-31", "2028-03-31", "2028-04-29", 1),  # nor is a day less none
    ],
)
def test_paid_period_has_as_many_grants_as_months(alice, anchor, start, end, months):
    anchor, start, end = (datetime.fromisoformat(f"{day}T12:00:00Z") for day in (anchor, start, end))
    with time_machine.travel(start + timedelta(hours=1)):
        begin(subscription=paid(alice), period=Period(start, end), anchor=anchor)
    moment = start
    while moment < end + timedelta(days=40):
        moment += timedelta(days=1)
        resets.run(at=moment)
    assert len(granted(alice)) == 1 + months
    assert granted(alice)[1][1] == start


def test_period_that_is_over_grants_nothing(alice):
    subscription = paid(alice)
    first, second = (nth_period(anchor=YEAR.start, index=index) for index in (0, 1))
    with time_machine.travel(second.start + timedelta(hours=1)):
        assert begin(subscription=subscription, period=second, anchor=YEAR.start)
        assert not begin(subscription=subscription, period=first, anchor=YEAR.start)
    assert amounts(alice) == [20, 500]
    assert MonthlyAllowance.objects.get(wallet=alice.wallet).until == second.end


def test_period_of_an_unmetered_plan_grants_nothing(alice):
    load_shipped("humanizer")
    subscription = paid(alice, "premium")
    assert not begin(subscription=subscription, period=YEAR, anchor=YEAR.start)
    assert not MonthlyAllowance.objects.filter(wallet=alice.wallet).exists()


def change(user, old, new, *, actor):
    """Take the user from one tier to the other; from a tier to itself only its end moves."""
    if new != "free":
        comp(user, new, actor=actor, days=300)
    elif old != "free":
        end_comp(user=user, actor=actor, reason="over")


def spendable(user, *, at):
    """What a hold could take at that moment."""
    return sum(lot.remaining for lot in Lot.objects.filter(wallet=user.wallet).live(at=at))


@pytest.mark.parametrize("side", ["reset before", "reset after"])
@pytest.mark.parametrize("when", ["before", "during", "after"])
@pytest.mark.parametrize(("old", "new"), list(product(TIERS, TIERS)))
def test_change_of_plan_never_sets_the_balance(alice, charlie, old, new, when, side):
    """A18: every tier to every tier, before, during and after a run, on both sides of a reset.

    A change to another paid plan adds a month's credits, a change to the free one or none adds nothing, and
    each reset gives those of the plan in force. What was bought is there at the end.
    """
    fund(alice.wallet.pk, 30, source="bonus")
    if old != "free":
        comp(alice, old, actor=charlie, days=200)
    now = timezone.now()
    if side == "reset before":
        now = Wallet.objects.get(owner=alice).period_end + timedelta(hours=1)
        assert reset(alice, at=now) == 1
    with time_machine.travel(now):
        if when == "before":
            change(alice, old, new, actor=charlie)
        held = hold(alice.wallet.pk, 15)
        if when == "during":
            change(alice, old, new, actor=charlie)
        ledger.settle(hold_id=held.hold_id, amount=9, key=fresh_key())
        if when == "after":
            change(alice, old, new, actor=charlie)
    assert_plans_are_followed()
    added = 0 if new in ("free", old) else TIERS[new]
    if side == "reset before":
        assert spendable(alice, at=now) in (30 + TIERS[old] + added - 9, 30 + TIERS[old] + added)
        assert Wallet.objects.get(owner=alice).used in (0, 9)
    else:
        end = Wallet.objects.get(owner=alice).period_end
        assert reset(alice, at=end) == 1
        assert spendable(alice, at=end) == 30 + TIERS[new]
