"""What Stripe does in its own way, and a studio that was only ever tried by itself would not expect."""

from datetime import timedelta

import pytest

from billing.models import Payment, Price
from billing.services import changes
from config.common.clock import now
from credits.models import Lot
from tests.billing.shop import Shop
from tests.billing.state import plan_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(at_stripe):
    return Shop(at_stripe)


def renewals(shop, live):
    """The totals of a subscription's invoices, oldest first."""
    return [invoice.total for invoice in shop.client.v1.invoices.list({"subscription": live.pk}).data[::-1]]


def discounted(shop, live, **coupon):
    """Put a coupon on a subscription, as an operator does in Stripe's dashboard."""
    made = shop.client.v1.coupons.create(coupon if "amount_off" in coupon else {"percent_off": 50, **coupon})
    shop.client.v1.subscriptions.update(live.pk, {"discounts": [{"coupon": made.id}]})


def credits_of(user):
    """What came with the plan and can be spent."""
    lots = Lot.objects.filter(wallet=user.wallet, granted=150).live(at=now())
    return sum(lot.remaining for lot in lots)


def test_plan_cancelled_in_the_portal_can_be_kept(shop, alice):
    live = shop.subscribe(alice, "starter")
    shop.client.v1.subscriptions.update(live.pk, {"cancel_at": "max_period_end"})
    shop.hear(alice)
    live.refresh_from_db()
    assert live.cancel_at == live.period_end

    changes.resume(user=alice, key="keep")

    live.refresh_from_db()
    assert live.cancel_at is None
    assert shop.client.v1.subscriptions.retrieve(live.pk).cancel_at is None
    with shop.at(live.period_end + timedelta(days=5), alice):
        assert plan_of(alice) == "starter"


FOREVER, THREE_MONTHS = {"duration": "forever"}, {"duration": "repeating", "duration_in_months": 3}
FIVE_OFF = {"duration": "forever", "amount_off": 500, "currency": "usd"}


@pytest.mark.parametrize(
    ("coupon", "state", "cents"),
    [
        (FOREVER, "<b>$290</b> a year, 50\u00a0% off</p>", "$145"),
        (THREE_MONTHS, "<b>$290</b> a year</p>", "$290"),
    ],
    ids=["lasts", "is_over_by_then"],
)
def test_page_of_the_plan_says_what_the_discount_leaves_to_pay(shop, alice, client, coupon, state, cents):
    discounted(shop, shop.subscribe(alice, "starter", "year"), **coupon)
    for made in shop.client.v1.coupons.list().data:
        shop.client.v1.coupons.delete(made.id)  # whoever has used it keeps it
    shop.hear(alice)
    client.force_login(alice)
    page = client.get("/billing/").content.decode()
    assert state in page
    assert f'<p class="figure__value">{cents}</p>' in page


@pytest.mark.parametrize(
    ("coupon", "plan", "interval", "cents"),
    [
        (FOREVER, "pro", "month", 3950),
        (FOREVER, "starter", "year", 14_500),
        (THREE_MONTHS, "pro", "month", 3950),
        (THREE_MONTHS, "starter", "year", 29_000),
        ({"duration": "once"}, "pro", "month", 3950),
        ({"duration": "once"}, "starter", "year", 29_000),
        (FIVE_OFF, "pro", "month", 7400),
    ],
)
def test_next_payment_after_an_upgrade_is_what_its_preview_showed(shop, alice, coupon, plan, interval, cents):
    live = shop.subscribe(alice, "starter")
    discounted(shop, live, **coupon)

    shown = shop.change(alice, plan, interval)

    assert shown.next_cents == cents
    with shop.at(shown.next_at + timedelta(hours=2), alice):
        assert renewals(shop, live)[-1] == cents


@pytest.mark.parametrize(
    ("interval", "coupon", "cents"),
    [
        ("month", FOREVER, 1450),
        ("month", {"duration": "once"}, 1450),
        ("year", {"duration": "once"}, 14_500),
        ("year", THREE_MONTHS, 29_000),
    ],
)
def test_next_payment_on_a_lower_plan_is_what_its_preview_showed(shop, alice, interval, coupon, cents):
    live = shop.subscribe(alice, "pro", interval)
    discounted(shop, live, **coupon)

    shown = shop.change(alice, "starter", interval)

    assert shown.next_cents == cents
    with shop.at(shown.next_at + timedelta(hours=2), alice):
        assert renewals(shop, live)[-1] == cents


def test_planned_change_keeps_the_discount_before_and_after_it(shop, alice):
    live = shop.subscribe(alice, "pro")
    discounted(shop, live, duration="forever")

    shop.change(alice, "starter")

    with shop.at(live.period_end + timedelta(hours=2), alice):
        assert plan_of(alice) == "starter"
        assert renewals(shop, live) == [7900, 1450]


def test_planned_change_does_not_renew_a_discount_for_some_months(shop, alice):
    live = shop.subscribe(alice, "pro")
    with shop.at(live.period_start + timedelta(days=10), alice):
        discounted(shop, live, duration="repeating", duration_in_months=2)
        shop.change(alice, "starter")

    with shop.at(live.period_start + timedelta(days=100), alice):
        assert renewals(shop, live) == [7900, 1450, 1450, 2900]


def test_planned_change_that_is_taken_back_keeps_the_discount(shop, alice):
    live = shop.subscribe(alice, "pro")
    discounted(shop, live, duration="forever")
    shop.change(alice, "starter")

    changes.undo(user=alice, key="back")

    with shop.at(live.period_end + timedelta(hours=2), alice):
        assert renewals(shop, live) == [7900, 3950]


def test_year_that_costs_nothing_is_a_year_on_the_plan_without_credits(shop, alice):
    live = shop.subscribe(alice, "starter")
    discounted(shop, live, percent_off=100, duration="forever")

    shown = shop.change(alice, "starter", "year")

    live.refresh_from_db()
    assert (shown.due_now_cents, live.price.interval, live.status) == (0, "year", "active")
    assert live.paid_until == live.period_end > now() + timedelta(days=360)
    with shop.at(now() + timedelta(days=100), alice):
        assert plan_of(alice) == "starter"
        assert (Payment.objects.count(), credits_of(alice)) == (1, 0)


def test_month_that_the_balance_pays_for_goes_on_without_credits(shop, alice):
    """An operator has given back the difference to a lower plan: it stays with Stripe, for what comes."""
    live = shop.subscribe(alice, "pro")
    item = shop.client.v1.subscriptions.retrieve(live.pk)["items"].data[0].id
    starter = Price.objects.get(terms__plan__code="starter", interval="month")
    to_starter = {"items": [{"id": item, "price": starter.stripe_id}], "proration_behavior": "always_invoice"}
    shop.client.v1.subscriptions.update(live.pk, to_starter)
    with shop.at(live.period_end + timedelta(hours=2), alice):
        invoice = shop.client.v1.invoices.list({"subscription": live.pk}).data[0]
        assert (invoice.total, invoice.amount_paid, invoice.status) == (2900, 0, "paid")
        assert (plan_of(alice), Payment.objects.count(), credits_of(alice)) == ("starter", 1, 0)
        live.refresh_from_db()
        assert live.paid_until == live.period_end
    with shop.at(live.period_end + timedelta(hours=2), alice):
        assert (plan_of(alice), Payment.objects.count(), credits_of(alice)) == ("starter", 2, 150)
        assert 700 < Payment.objects.latest("paid_at").amount_cents < 900


def test_renewal_whose_invoice_is_a_draft_for_an_hour_keeps_the_plan_meanwhile(shop, alice):
    live = shop.subscribe(alice, "starter")
    renewal = live.period_end
    shop.sandbox.act("set_rules", draft_seconds=3600)
    try:
        with shop.at(renewal + timedelta(minutes=30), alice):
            assert plan_of(alice) == "starter"
            assert Payment.objects.count() == 1
            live.refresh_from_db()
            assert (live.status, live.past_due_since, live.attempts) == ("active", None, 0)
        with shop.at(renewal + timedelta(minutes=65), alice):
            assert plan_of(alice) == "starter"
            assert [payment.credits for payment in Payment.objects.order_by("paid_at")] == [150, 150]
    finally:
        shop.sandbox.act("set_rules")
