"""Lives of subscriptions by the sandbox's clock: renewals, years, failures and recoveries, changes in between."""

from datetime import timedelta
from itertools import product

import pytest
import time_machine

from accounts.models import Notification
from billing.models import Payment, StripeSubscription, Subscription
from billing.provisioning import end_lapsed
from billing.services import changes
from billing.stripe import customers, mirror
from config.common.clock import now
from credits import resets, verification
from credits.models import Lot
from credits.periods import month_start
from tests.billing import told
from tests.billing.shop import FAILS_LATER, Shop
from tests.billing.state import plan_of
from tests.billing.told import (
    a_checkout,
    a_line,
    a_subscription,
    an_invoice,
    bought,
    price,
    tell,
    this_second,
)

pytestmark = pytest.mark.django_db
TIERS = {"free": 20, "starter": 150, "pro": 500, "enterprise": 2_000}


@pytest.fixture
def shop(at_stripe):
    return Shop(at_stripe)


def months(user, credits):
    """The allowances of so many credits: their starts and ends."""
    lots = Lot.objects.filter(wallet=user.wallet, source="allowance", granted=credits).order_by("id")
    return list(lots.values_list("period_start", "expires_at"))


def assert_sound():
    """Every rule of the ledger and of plans holds."""
    for rule, broken in verification.verify():
        assert broken == [], f"{rule.code}: {rule.rule}"


def pay_with_another_card(shop, user):
    """What the page of an open invoice does with a new card."""
    customer = customers.customer_for(user)
    card = shop.sandbox.act("add_card", customer=customer, card="4242424242424242")
    live = StripeSubscription.objects.live().get(user=user)
    shop.client.v1.subscriptions.update(live.pk, {"default_payment_method": card["id"]})
    (invoice,) = shop.client.v1.invoices.list({"customer": customer, "status": "open"}).data
    shop.client.v1.invoices.pay(invoice.id)
    shop.hear(user)


@pytest.mark.parametrize("day", ["2031-01-31T09:30:00+00:00", "2032-02-29T23:59:59+00:00"])
def test_fourteen_renewals_grant_fourteen_months_that_touch(shop, alice, day):
    start = told.datetime.fromisoformat(day)
    with shop.at(start, alice):
        live = shop.subscribe(alice, "starter")
        anchor = live.anchor
    for index in range(1, 14):
        with shop.at(month_start(anchor=anchor, months=index) + timedelta(hours=2), alice):
            assert plan_of(alice) == "starter"
    granted = months(alice, 150)
    assert [begins for begins, _ in granted] == [
        month_start(anchor=anchor, months=index) for index in range(14)
    ]
    assert [ends for _, ends in granted[:-1]] == [begins for begins, _ in granted[1:]]
    assert Payment.objects.filter(user=alice, credits=150).count() == 14
    assert Subscription.objects.filter(user=alice, source="paid").count() == 1
    live.refresh_from_db()
    assert live.paid_until == month_start(anchor=anchor, months=14)
    assert_sound()


def test_year_is_paid_once_and_granted_by_the_month(shop, alice):
    with shop.at(told.datetime.fromisoformat("2031-08-31T12:00:00+00:00"), alice):
        live = shop.subscribe(alice, "pro", "year")
    for index in range(1, 13):
        with shop.at(month_start(anchor=live.anchor, months=index) + timedelta(hours=2), alice):
            assert plan_of(alice) == "pro"
    granted = months(alice, 500)
    assert [begins for begins, _ in granted] == [
        month_start(anchor=live.anchor, months=index) for index in range(13)
    ]
    assert list(Payment.objects.order_by("paid_at").values_list("amount_cents", flat=True)) == [
        79_000,
        79_000,
    ]
    live.refresh_from_db()
    assert live.period_end == month_start(anchor=live.anchor, months=24)
    assert_sound()


def test_failing_card_leads_through_grace_to_free_and_a_new_card_back(shop, alice):
    live = shop.subscribe(alice, "starter", card=FAILS_LATER)
    due = live.period_end
    with shop.at(due + timedelta(hours=2), alice):
        live.refresh_from_db()
        assert (live.status, live.attempts, plan_of(alice)) == ("past_due", 1, "starter")
    with shop.at(due + timedelta(days=3, hours=1), alice):
        assert plan_of(alice) == "free"
        failures = Notification.objects.filter(user=alice, kind="payment_failed").order_by("created_at")
        live.refresh_from_db()
        assert [failure.data["attempt"] for failure in failures] == [1, live.attempts]
        first = failures[0]
        assert first.title == "$29 for Starter could not be paid"
        assert f"Starter stays yours until {due + timedelta(days=3):%-d %B}." in first.body
        assert first.data["invoice_url"].startswith("http")
        assert months(alice, 150) == [(live.started_at, due)]
        pay_with_another_card(shop, alice)
        assert plan_of(alice) == "starter"
        live.refresh_from_db()
        assert (live.status, live.attempts, live.past_due_since) == ("active", 0, None)
        assert spendable(alice, at=now()) == 150
        assert_sound()


def test_recovery_within_the_grace_loses_nothing(shop, alice):
    live = shop.subscribe(alice, "starter", card=FAILS_LATER)
    due = live.period_end
    with shop.at(due + timedelta(days=1), alice):
        pay_with_another_card(shop, alice)
        assert plan_of(alice) == "starter"
    assert [begins for begins, _ in months(alice, 150)] == [live.started_at, due]
    assert Subscription.objects.filter(user=alice, source="paid").count() == 1


def test_subscription_that_is_given_up_ends_and_can_be_bought_again(shop, alice):
    live = shop.subscribe(alice, "starter", card=FAILS_LATER)
    with shop.at(live.period_end + timedelta(days=40), alice):
        live.refresh_from_db()
        assert not live.is_live
        assert plan_of(alice) == "free"
        shop.subscribe(alice, "pro")
        assert plan_of(alice) == "pro"
        assert_sound()


def test_customer_deleted_at_stripe_leaves_credits_and_the_free_plan(shop, alice):
    """B18."""
    shop.subscribe(alice, "pro")
    customer = customers.customer_for(alice)
    alice.wallet.refresh_from_db()
    before = alice.wallet.available
    shop.client.v1.customers.delete(customer)
    mirror.refresh(customer)
    assert plan_of(alice) == "free"
    mirror.refresh(StripeSubscription.objects.get().pk)
    assert plan_of(alice) == "free"
    alice.wallet.refresh_from_db()
    assert alice.wallet.available == before
    assert_sound()
    shop.subscribe(alice, "starter")
    assert plan_of(alice) == "starter"
    assert_sound()


def spendable(user, *, at):
    """What a hold could take at that moment."""
    return sum(lot.remaining for lot in Lot.objects.filter(wallet=user.wallet).live(at=at))


def change(user, old, new, period):
    """What Stripe tells of a change to `new` now: up at once with its part paid, down with the period's end."""
    if new == old:
        return 0
    if old == "free":
        tell(a_subscription(user, price(new), period), bought(user, price(new), period))
        return TIERS[new]
    if new == "free":
        tell(a_subscription(user, price(old), period, cancel_at_period_end=True))
        return 0
    if TIERS[new] < TIERS[old]:
        return 0  # planned at Stripe, nothing is different yet
    rest = told.Period(now().replace(microsecond=0), period.end)
    share = (rest.end - rest.start) / (period.end - period.start)
    lines = [a_line(price(old), rest, -round(price(old).amount_cents * share), part=True)]
    lines.append(a_line(price(new), rest, round(price(new).amount_cents * share), part=True))
    tell(a_subscription(user, price(new), period))
    tell(an_invoice(user, lines, id="in_change", reason="subscription_update"))
    return int((TIERS[new] - TIERS[old]) * share)


@pytest.mark.parametrize(("old", "new"), list(product(TIERS, TIERS)))
def test_change_of_what_is_paid_for_never_sets_the_balance(alice, old, new):
    """A18 with paid plans: every tier to every tier in the middle of a month, and the month after it."""
    told.name_prices()
    marks = {"atelier_user": str(alice.pk), "atelier_product": "credits-100"}
    tell(a_checkout(alice, mode="payment", amount_total=1900, metadata=marks))
    start = this_second()
    period = told.month(start)
    if old != "free":
        tell(a_subscription(alice, price(old), period), bought(alice, price(old), period))
    first = 20 + 100 + (TIERS[old] if old != "free" else 0)
    assert spendable(alice, at=now()) == first
    with time_machine.travel(start + timedelta(days=10)):
        begun = told.month(this_second()) if old == "free" else period
        added = change(alice, old, new, begun)
        assert spendable(alice, at=now()) == first + added
    following = told.month(begun.start, 1)
    with time_machine.travel(begun.end + timedelta(minutes=5)):
        if new != "free":
            tell(
                a_subscription(alice, price(new), following, billing_cycle_anchor=begun.start),
                bought(alice, price(new), following, id="in_next", reason="subscription_cycle"),
            )
        elif old != "free":
            tell(a_subscription(alice, price(old), begun, status="canceled"))
    with time_machine.travel(begun.end + timedelta(days=3, minutes=5)):
        end_lapsed()
        resets.run(at=now())
        assert plan_of(alice) == new
        assert spendable(alice, at=now()) == 100 + TIERS[new]
        assert_sound()


def test_change_that_was_undone_renews_as_before(shop, alice):
    live = shop.subscribe(alice, "pro")
    shop.change(alice, "starter")
    changes.undo(user=alice, key="back")
    with shop.at(live.period_end + timedelta(hours=2), alice):
        assert plan_of(alice) == "pro"
        assert spendable(alice, at=now()) == 500
