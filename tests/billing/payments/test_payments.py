"""What money that arrives brings: once, whatever is told first, and nothing where none arrived."""

from datetime import timedelta
from itertools import permutations
from random import Random
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.models import Notification
from billing.models import Payment, Product, StripeSubscription
from billing.provisioning import end_lapsed
from billing.signals import product_bought
from billing.stripe import mirror
from config.common.errors import Missing
from credits import resets
from credits.models import Lot
from tests.billing import told
from tests.billing.given_back import buy
from tests.billing.state import assert_sound, available, plan_of, state_of
from tests.billing.told import (
    a_checkout,
    a_subscription,
    bought,
    month,
    price,
    tell,
    this_second,
    year,
)
from tests.support.people import open_account

pytestmark = pytest.mark.django_db

SEED = 20261121


@pytest.fixture(autouse=True)
def _priced(db):
    told.name_prices()


def tell_as_needed(*said):
    """Tell it as the mirror does: what is needed first is told first."""
    known = {data["id"]: data for data in said}
    for data in said:
        try:
            with transaction.atomic():
                tell(data)
        except mirror.Needs as need:
            tell(known[need.object_id])
            tell(data)


def first_events(user, period):
    """What Stripe tells when somebody subscribes."""
    starter = price("starter")
    active = a_subscription(user, starter, period)
    return [
        {"id": active["customer"], "object": "customer", "metadata": active["metadata"]},
        a_checkout(user),
        active,
        {**active, "status": "active"},
        bought(user, starter, period),
    ]


def test_every_order_of_the_first_events_ends_in_the_same(alice):
    """B03, a sample: each order of the five, once and each doubled."""
    orders = Random(SEED).sample(list(permutations(range(5))), 12)
    found = []
    with time_machine.travel(this_second(), tick=False):
        events = first_events(alice, month(this_second()))
        for order in orders:
            for times in (1, 2):
                with transaction.atomic():
                    tell_as_needed(*(events[index] for index in order for _ in range(times)))
                    found.append(state_of(alice))
                    transaction.set_rollback(True)
    assert (len(found), found[0]["wallet"][0], len(found[0]["payments"])) == (24, 170, 1)
    for state in found:
        assert state == found[0]


STATUSES = [
    "incomplete",
    "incomplete_expired",
    "trialing",
    "active",
    "past_due",
    "canceled",
    "unpaid",
    "paused",
]


@pytest.mark.parametrize("status", STATUSES)
def test_nothing_is_granted_unless_money_arrived(alice, status):
    """B04: a checkout that is complete, and every state of subscription and invoice, with nothing paid."""
    period, pro = month(this_second()), price("pro")
    for payment_status in ("unpaid", "paid", "no_payment_required"):
        tell(a_checkout(alice, payment_status=payment_status))
    tell(a_subscription(alice, pro, period, status=status))
    for number, invoice in enumerate(["draft", "open", "void", "uncollectible"]):
        tell(bought(alice, pro, period, id=f"in_{number}", status=invoice))
    assert (plan_of(alice), available(alice)) == ("free", 20)
    assert not Payment.objects.exists()
    tell(bought(alice, pro, period, id="in_zero", paid=0))
    assert available(alice) == 20
    assert not Payment.objects.exists()


def test_renewals_are_granted_once_each(alice):
    start, starter = this_second(), price("starter")
    for index in range(3):
        period = month(start, index)
        with time_machine.travel(period.start + timedelta(minutes=5)):
            tell(a_subscription(alice, starter, period, start_date=start, billing_cycle_anchor=start))
            invoice = bought(alice, starter, period, id=f"in_{index}", reason="subscription_cycle")
            tell(invoice, invoice)
    lots = Lot.objects.filter(wallet=alice.wallet, granted=150).order_by("id")
    assert [lot.period_start for lot in lots] == [month(start, index).start for index in range(3)]
    assert list(Payment.objects.values_list("credits", flat=True)) == [150, 150, 150]


def test_late_invoice_of_a_period_that_is_over_grants_nothing(alice):
    start, starter = this_second(), price("starter")
    second = month(start, 1)
    with time_machine.travel(second.start + timedelta(days=1)):
        tell(a_subscription(alice, starter, second, start_date=start, billing_cycle_anchor=start))
        tell(bought(alice, starter, second, id="in_2"), bought(alice, starter, month(start), id="in_1"))
    assert list(Payment.objects.order_by("invoice_id").values_list("credits", flat=True)) == [0, 150]


def test_payment_after_the_fall_brings_what_the_free_month_lacks(alice):
    start, starter = this_second(), price("starter")
    tell(a_subscription(alice, starter, month(start)), bought(alice, starter, month(start)))
    second = month(start, 1)
    with time_machine.travel(second.start + timedelta(days=5)) as clock:
        assert end_lapsed() == 1
        resets.run(at=this_second())
        assert available(alice) == 20
        clock.shift(timedelta(days=1))
        tell(a_subscription(alice, starter, second, start_date=start, billing_cycle_anchor=start))
        tell(bought(alice, starter, second, id="in_2", reason="subscription_cycle"))
        assert (plan_of(alice), available(alice)) == ("starter", 150)
    assert Payment.objects.get(invoice_id="in_2").credits == 150
    assert_sound()


def test_free_credits_do_not_come_twice_in_a_month(alice):
    start, starter = this_second(), price("starter")
    tell(a_subscription(alice, starter, month(start)), bought(alice, starter, month(start)))
    for days in (34, 35, 36):
        with time_machine.travel(start + timedelta(days=days)):
            end_lapsed()
            resets.run(at=this_second())
    assert Lot.objects.filter(wallet=alice.wallet, granted=20).count() == 2
    assert_sound()


def test_invoice_waits_for_its_subscription(alice):
    with pytest.raises(mirror.Needs) as needed:
        tell(bought(alice, price("starter"), month(this_second())))
    assert needed.value.object_id == "sub_1"
    assert not Payment.objects.exists()


def test_strangers_invoices_and_others_without_a_plan_are_passed_over(alice):
    invoice = bought(alice, price("starter"), month(this_second()))
    tell({**invoice, "metadata": {}}, {**invoice, "parent": None})
    assert not Payment.objects.exists()


def packs(user, **more):
    """A checkout of a pack of credits."""
    marks = {"atelier_user": str(user.pk), "atelier_product": "credits-100"}
    return a_checkout(user, mode="payment", amount_total=1900, payment_intent="pi_1", metadata=marks, **more)


def test_pack_is_granted_once_when_it_is_paid(alice):
    heard = []

    def hear(payment, **kwargs):
        heard.append(payment.checkout_id)

    product_bought.connect(hear)
    tell(packs(alice, payment_status="unpaid"))
    assert available(alice) == 20
    for _ in range(3):
        tell(packs(alice))
    product_bought.disconnect(hear)
    assert (available(alice), heard) == (120, ["cs_1"])
    payment = Payment.objects.get()
    assert (payment.credits, payment.product.code, payment.payment_intent_id) == (100, "credits-100", "pi_1")


def test_pack_for_nothing_brings_nothing(alice):
    tell(packs(alice, payment_status="no_payment_required"), {**packs(alice), "amount_total": 0})
    assert available(alice) == 20


def test_checkout_of_an_unknown_product_is_refused(alice):
    data = packs(alice)
    data["metadata"]["atelier_product"] = "gone"
    with pytest.raises(Missing, match="gone"):
        tell(data)
    assert not Payment.objects.exists()


def test_service_brings_the_credits_that_it_includes(alice):
    review = Product.objects.get(code="manuscript-review")
    data = packs(alice, id="cs_2")
    data["metadata"]["atelier_product"] = review.code
    tell(data)
    assert available(alice) == 20 + review.includes_credits


@pytest.mark.parametrize("known", ["charge", "intent"])
def test_fee_is_kept_when_its_charge_tells_it(alice, known):
    period = month(this_second())
    tell(a_subscription(alice, price("starter"), period), bought(alice, price("starter"), period))
    assert Payment.objects.get().fee_cents is None
    charge = {"id": "ch_in_1", "object": "charge", "payment_intent": "pi_in_1", "paid": True}
    tell({**charge, "balance_transaction": "txn_1"})
    assert Payment.objects.get().fee_cents is None
    if known == "intent":
        Payment.objects.update(charge_id="")
    tell({**charge, "balance_transaction": {"id": "txn_1", "fee": 114}})
    assert (Payment.objects.get().fee_cents, Payment.objects.get().charge_id) == (114, "ch_in_1")


def test_payer_is_told_once_with_the_invoice(alice):
    period = month(this_second())
    invoice = bought(alice, price("starter"), period)
    tell(a_subscription(alice, price("starter"), period), invoice, invoice)
    notice = Notification.objects.get(user=alice, kind="payment_succeeded")
    assert notice.title == "$29 paid for Starter"
    assert notice.body == (
        f"Starter is paid until {period.end:%-d %B}. 150 credits are added to your balance."
    )
    assert notice.data["invoice_url"] == "https://invoice.example/in_1"


def test_payer_of_a_year_is_told_in_which_year_it_ends(alice):
    period = year(this_second())
    tell(a_subscription(alice, price("pro", "year"), period), bought(alice, price("pro", "year"), period))
    notice = Notification.objects.get(user=alice, kind="payment_succeeded")
    assert notice.body.startswith(f"Pro is paid until {period.end:%-d %B %Y}. 500 credits")


def test_buyer_of_credits_is_told_that_they_last(alice):
    buy(alice)
    notice = Notification.objects.get(user=alice, kind="payment_succeeded")
    assert notice.body == "100 credits are added to your balance. They do not expire."


def _row(**change):
    user = open_account(f"u{uuid4().hex[:6]}")
    stripe = StripeSubscription.objects.first()
    starter = price("starter")
    values = {
        "user": user, "invoice_id": uuid4().hex, "amount_cents": 100, "currency": "usd", "subscription": stripe,
        "terms": starter.terms, "interval": "month", "period_start": stripe.period_start,
        "period_end": stripe.period_end, "paid_at": this_second(),
    }  # fmt: skip
    return Payment.objects.create(**{**values, **change})


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("of_plan_or_product", {"invoice_id": None}),
        ("of_plan_or_product", {"checkout_id": "cs_9"}),
        ("of_plan_or_product", {"terms": None}),
        ("of_plan_or_product", {"interval": ""}),
        ("amount_positive", {"amount_cents": 0}),
        ("fee_not_negative", {"fee_cents": -1}),
        ("credits_not_negative", {"credits": -1}),
        ("period_has_length", {"backwards": True}),
        ("invoice_id", {"invoice_id": "in_1"}),
    ],
)
def test_payment_that_cannot_be_is_refused_by_the_database(alice, rule, change):
    period = month(this_second())
    tell(a_subscription(alice, price("starter"), period), bought(alice, price("starter"), period))
    if change.pop("backwards", False):
        change["period_end"] = period.start
    with pytest.raises(IntegrityError, match=f"billing_payment_{rule}"), transaction.atomic():
        _row(**change)
    assert _row().pk
