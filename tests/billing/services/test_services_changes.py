"""Buying, changing, cancelling and keeping a plan, at the sandbox."""

from datetime import timedelta
from uuid import uuid4

import pytest

from billing.models import Payment, StripeRequest, StripeSubscription
from billing.payments import fees
from billing.services import changes, checkout, portal, standing
from config.common.clock import now
from config.common.errors import Conflict, Invalid
from tests.billing.shop import FAILS_LATER, Shop
from tests.billing.state import available, plan_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(at_stripe):
    return Shop(at_stripe)


def test_plan_is_bought_and_its_credits_arrive_with_the_payment(shop, alice):
    url = checkout.start(user=alice, plan="starter", interval="month", key="one")
    assert url == checkout.start(user=alice, plan="starter", interval="month", key="one")
    assert StripeRequest.objects.filter(user=alice, operation="checkout.session.create").count() == 1
    assert (plan_of(alice), available(alice)) == ("free", 20)
    shop.pay(alice)
    assert (plan_of(alice), available(alice)) == ("free", 20)
    shop.hear(alice)
    assert (plan_of(alice), available(alice)) == ("starter", 170)
    payment = Payment.objects.get()
    assert (payment.amount_cents, payment.credits, payment.terms.plan.code) == (2900, 150, "starter")
    shop.hear(alice)
    assert available(alice) == 170


def test_paid_page_cannot_be_opened_again(shop, alice):
    checkout.buy(user=alice, product="credits-100", key="one")
    shop.pay(alice)
    with pytest.raises(checkout.CheckoutOver):
        checkout.buy(user=alice, product="credits-100", key="one")


def test_whoever_subscribes_already_is_led_to_the_change(shop, alice):
    shop.subscribe(alice, "starter")
    before = StripeRequest.objects.count()
    with pytest.raises(standing.AlreadySubscribed, match="You have Starter already") as refused:
        checkout.start(user=alice, plan="pro", interval="month", key="two")
    assert refused.value.details == {"plan": "starter", "interval": "month", "cancel_at": None}
    assert StripeRequest.objects.count() == before


@pytest.mark.parametrize(("plan", "interval"), [("free", "month"), ("none", "month"), ("pro", "week")])
def test_plan_that_is_not_sold_is_refused(shop, alice, plan, interval):
    with pytest.raises(Invalid):
        checkout.start(user=alice, plan=plan, interval=interval, key="one")
    assert not StripeRequest.objects.filter(user=alice).exists()


def test_pack_of_credits_is_bought_and_does_not_expire(shop, alice):
    shop.buy(alice, "credits-100")
    assert available(alice) == 120
    payment = Payment.objects.get()
    assert (payment.amount_cents, payment.product.code, payment.credits) == (1900, "credits-100", 100)
    lot = alice.wallet.lots.get(source="purchase")
    assert (lot.granted, lot.expires_at) == (100, None)


@pytest.mark.parametrize(
    ("how", "seconds"), [({}, 0), ({"delayed": "succeeds"}, 180)], ids=["at_once", "delayed"]
)
def test_product_is_paid_when_its_money_came(shop, alice, how, seconds):
    sent = now().replace(microsecond=0) + timedelta(hours=20)
    checkout.buy(user=alice, product="credits-100", key="one")
    with shop.at(sent, alice):
        shop.pay(alice, **how)
    with shop.at(sent + timedelta(days=1), alice):
        assert Payment.objects.get().paid_at == sent + timedelta(seconds=seconds)


def test_upgrade_costs_what_its_preview_showed_and_begins_at_once(shop, alice):
    live = shop.subscribe(alice, "starter")
    middle = live.period_start + (live.period_end - live.period_start) / 2
    with shop.at(middle, alice):
        before = available(alice)
        shown = shop.change(alice, "pro")
        assert plan_of(alice) == "pro"
        share = (live.period_end - shown.proration_date) / (live.period_end - live.period_start)
        assert shown.is_upgrade
        assert abs(shown.due_now_cents - 5000 * share) <= 1
        assert abs(shown.credit_cents - 2900 * share) <= 1
        assert (shown.next_cents, shown.next_at) == (7900, live.period_end)
        payment = Payment.objects.latest("paid_at")
        assert payment.amount_cents == shown.due_now_cents
        assert payment.credits == int(350 * share)
        assert available(alice) == before + payment.credits
    with shop.at(live.period_end + timedelta(minutes=5), alice):
        assert available(alice) == 500


def test_change_under_the_same_key_happens_once(shop, alice):
    shop.subscribe(alice, "starter")
    shown = changes.preview(user=alice, plan="pro", interval="month")
    for _ in range(3):
        changes.apply(
            user=alice, plan="pro", interval="month", proration_date=shown.proration_date, key="one"
        )
    assert Payment.objects.count() == 2
    with pytest.raises(Conflict, match="You have Pro already"):
        changes.apply(
            user=alice, plan="pro", interval="month", proration_date=shown.proration_date, key="two"
        )


def test_upgrade_whose_card_fails_changes_nothing(shop, alice):
    live = shop.subscribe(alice, "starter", card=FAILS_LATER)
    shown = changes.preview(user=alice, plan="pro", interval="month")
    before = available(alice)
    with pytest.raises(Exception, match="declined") as refused:
        changes.apply(
            user=alice, plan="pro", interval="month", proration_date=shown.proration_date, key="one"
        )
    assert refused.value.status == 402
    shop.hear(alice)
    live.refresh_from_db()
    assert (plan_of(alice), live.price.terms.plan.code, live.status) == ("starter", "starter", "active")
    assert (available(alice), Payment.objects.count()) == (before, 1)


def test_old_preview_is_to_be_looked_at_again(shop, alice):
    live = shop.subscribe(alice, "starter")
    for since in (None, now() - timedelta(hours=2), live.period_end + timedelta(days=1)):
        with pytest.raises(Conflict, match="Look at it again"):
            changes.apply(user=alice, plan="pro", interval="month", proration_date=since, key=uuid4().hex)
    assert plan_of(alice) == "starter"


def test_lower_plan_comes_with_the_end_of_the_period(shop, alice):
    live = shop.subscribe(alice, "pro")
    shown = shop.change(alice, "starter")
    assert (shown.is_upgrade, shown.due_now_cents, shown.next_cents) == (False, 0, 2900)
    assert shown.next_at == live.period_end
    live.refresh_from_db()
    assert (plan_of(alice), live.next_price.terms.plan.code, live.next_at) == (
        "pro",
        "starter",
        live.period_end,
    )
    with shop.at(live.period_end + timedelta(hours=2), alice):
        assert plan_of(alice) == "starter"
        assert available(alice) == 150
        live.refresh_from_db()
        assert (live.next_price, live.status) == (None, "active")


def test_planned_change_can_be_taken_back_and_planned_anew(shop, alice):
    live = shop.subscribe(alice, "pro")
    shop.change(alice, "starter")
    changes.undo(user=alice, key="back")
    changes.undo(user=alice, key="back")
    shop.hear(alice)
    live.refresh_from_db()
    assert (live.next_price, live.schedule_id) == (None, "")
    with pytest.raises(Conflict, match="No change is planned"):
        changes.undo(user=alice, key="again")
    shop.change(alice, "starter")
    shop.change(alice, "starter", "year")
    live.refresh_from_db()
    assert live.next_price.interval == "year"
    with shop.at(live.period_end + timedelta(hours=2), alice):
        assert plan_of(alice) == "starter"
        live.refresh_from_db()
        assert live.period_end - live.period_start >= timedelta(days=365)


def test_upgrade_takes_the_place_of_what_was_planned(shop, alice):
    live = shop.subscribe(alice, "pro")
    shop.change(alice, "starter")
    shop.change(alice, "enterprise")
    live.refresh_from_db()
    assert (plan_of(alice), live.next_price, live.schedule_id) == ("enterprise", None, "")


def test_from_months_to_years_begins_a_year_at_once(shop, alice):
    live = shop.subscribe(alice, "starter")
    shown = shop.change(alice, "starter", "year")
    assert shown.is_upgrade
    live.refresh_from_db()
    assert live.price.interval == "year"
    # The year begins when the change arrives, some moments after it was shown.
    assert timedelta(0) <= live.period_end - shown.next_at <= timedelta(minutes=1)
    assert live.paid_until == live.period_end
    assert Payment.objects.get(interval="year").amount_cents == shown.due_now_cents


def test_from_years_to_months_waits_for_the_end_of_the_year(shop, alice):
    live = shop.subscribe(alice, "starter", "year")
    shown = shop.change(alice, "pro", "month")
    assert (shown.is_upgrade, shown.due_now_cents, shown.next_at) == (False, 0, live.period_end)
    assert plan_of(alice) == "starter"


def test_cancelled_plan_can_be_kept(shop, alice):
    live = shop.subscribe(alice, "starter")
    for _ in range(2):
        changes.cancel(user=alice, key="end")
    live.refresh_from_db()
    assert live.cancel_at == live.period_end
    with pytest.raises(Conflict, match="You have cancelled Starter"):
        changes.preview(user=alice, plan="pro", interval="month")
    with pytest.raises(standing.AlreadySubscribed, match="Keep it instead"):
        checkout.start(user=alice, plan="pro", interval="month", key="one")
    for _ in range(2):
        changes.resume(user=alice, key="keep")
    live.refresh_from_db()
    assert live.cancel_at is None


def test_cancelling_forgets_what_was_planned(shop, alice):
    live = shop.subscribe(alice, "pro")
    shop.change(alice, "starter")
    changes.cancel(user=alice, key="end")
    live.refresh_from_db()
    assert (live.cancel_at, live.next_price, live.schedule_id) == (live.period_end, None, "")


def test_cancelled_plan_ends_with_the_grace_and_can_be_bought_again(shop, alice):
    live = shop.subscribe(alice, "starter")
    changes.cancel(user=alice, key="end")
    with shop.at(live.period_end + timedelta(days=2), alice):
        assert plan_of(alice) == "starter"
    with shop.at(live.period_end + timedelta(days=3, hours=1), alice):
        assert plan_of(alice) == "free"
        shop.subscribe(alice, "pro")
        assert plan_of(alice) == "pro"


def test_nothing_can_be_changed_without_a_plan_that_is_paid_for(shop, alice):
    for act in (changes.cancel, changes.resume, changes.undo):
        with pytest.raises(standing.NotSubscribed):
            act(user=alice, key="one")
    with pytest.raises(standing.NotSubscribed):
        changes.preview(user=alice, plan="pro", interval="month")


def test_open_invoice_is_to_be_paid_first(shop, alice):
    live = shop.subscribe(alice, "starter", card=FAILS_LATER)
    with shop.at(live.period_end + timedelta(hours=2), alice):
        with pytest.raises(standing.PaymentDue):
            changes.preview(user=alice, plan="pro", interval="month")
        with pytest.raises(standing.PaymentDue):
            checkout.start(user=alice, plan="pro", interval="month", key="one")
        changes.cancel(user=alice, key="end")
    assert StripeSubscription.objects.get().cancel_at is not None


def test_portal_opens_for_payers_only(shop, alice, bob):
    with pytest.raises(portal.NoCustomer) as refused:
        portal.open(user=bob)
    assert (refused.value.status, refused.value.code) == (400, "no_customer")
    shop.subscribe(alice, "starter")
    assert portal.open(user=alice) != portal.open(user=alice)


def test_fee_is_learned_from_the_charge(shop, alice):
    shop.subscribe(alice, "starter")
    shop.buy(alice, "credits-100")
    Payment.objects.update(charge_id="", fee_cents=None)
    for payment_id in fees.unknown():
        assert fees.learn(payment_id)
    assert fees.unknown() == []
    assert list(Payment.objects.order_by("amount_cents").values_list("fee_cents", flat=True)) == [85, 114]
