"""What money that arrives brings: once, whatever is told first, and nothing where none arrived."""

from datetime import timedelta
from itertools import permutations
from random import Random
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.models import Notification
from billing import entitlements
from billing.catalogue.loading import load
from billing.models import Payment, Product, StripeSubscription
from billing.provisioning import end_lapsed
from billing.signals import product_bought
from billing.stripe import mirror
from config.common.clock import now
from config.common.errors import Missing
from credits import resets, verification
from credits.models import Lot
from tests.billing import told
from tests.billing.catalogues import edited, load_shipped
from tests.billing.given_back import buy
from tests.billing.state import state_of
from tests.billing.told import (
    a_checkout,
    a_line,
    a_subscription,
    an_invoice,
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


def available(user):
    """What the user can spend: lots whose time is over count no more, swept or not."""
    return sum(lot.remaining for lot in Lot.objects.filter(wallet=user.wallet).live(at=now()))


def plan_of(user):
    """The plan in force."""
    entitlements.forget(user)
    return entitlements.entitlements_of(user).plan_code


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


def assert_sound():
    """What a wallet gets is what its plan says, and what the plan is, is what was paid."""
    for rule in verification.invariants():
        if rule.code in ("I01", "I09", "I17", "I18", "I33"):
            assert verification.breaks(rule) == [], rule.rule


TRIAL = edited("credits_per_month = 500\n", "credits_per_month = 500\ntrial_days = 14\ntrial_credits = 60\n")


def _upgrade(alice, share, *, old="starter", new="pro", **more):
    """What an upgrade at so much of the month brings; the period is 30 days."""
    start = this_second()
    period = told.Period(start, start + timedelta(days=30))
    old, new = price(old), price(new)
    tell(a_subscription(alice, old, period), bought(alice, old, period))
    since = start + timedelta(days=30) * share
    rest = told.Period(since.replace(microsecond=0), period.end)
    left = (rest.end - rest.start) / timedelta(days=30)
    lines = [
        a_line(old, rest, -round(old.amount_cents * left), part=True),
        a_line(new, rest, round(new.amount_cents * left), part=True),
    ]
    with time_machine.travel(since + timedelta(seconds=2)):
        tell(a_subscription(alice, new, period))
        tell(an_invoice(alice, lines, id="in_2", reason="subscription_update", **more))
    return Payment.objects.filter(invoice_id="in_2").first()


def month_bought(alice, credits, plan, **more):
    """A first month, paid as told."""
    period = month(this_second())
    tell(a_subscription(alice, price(plan), period), bought(alice, price(plan), period, **more))
    assert (available(alice), plan_of(alice)) == (20 + credits, plan)


def test_b17_first_month(alice):
    month_bought(alice, 150, "starter")


def test_b17_first_year_brings_its_first_month(alice):
    period = year(this_second())
    tell(
        a_subscription(alice, price("starter", "year"), period),
        bought(alice, price("starter", "year"), period),
    )
    assert (available(alice), Payment.objects.get().amount_cents) == (170, 29_000)


def test_b17_half_price_coupon_brings_all_credits(alice):
    month_bought(alice, 150, "starter", paid=1450)


def test_b17_one_cent_is_money(alice):
    month_bought(alice, 500, "pro", paid=1)


def test_b17_whole_coupon_brings_the_plan_and_no_credits(alice):
    month_bought(alice, 0, "pro", paid=0)
    assert StripeSubscription.objects.get().paid_until == StripeSubscription.objects.get().period_end
    assert_sound()


@pytest.mark.parametrize(("share", "credits"), [(0, 350), (0.5, 175), (1 / 3, 233), (0.9, 35), (0.999, 0)])
def test_b17_upgrade_brings_the_difference_for_the_rest_of_the_month(alice, share, credits):
    payment = _upgrade(alice, share)
    assert payment.credits == credits
    assert (available(alice), plan_of(alice)) == (170 + credits, "pro")


def test_b17_upgrade_that_cost_nothing_brings_nothing(alice):
    assert _upgrade(alice, 0.5, paid=0) is None
    assert available(alice) == 170


def test_b17_part_of_the_same_price_brings_nothing(alice):
    payment = _upgrade(alice, 0.5, new="starter", paid=100)
    assert (payment.credits, available(alice)) == (0, 170)


def test_b17_credit_for_a_lower_plan_brings_nothing(alice):
    assert _upgrade(alice, 0.5, old="pro", new="starter", paid=0) is None
    assert available(alice) == 520


def test_b17_months_become_a_year(alice):
    start = this_second()
    starter, yearly, period = price("starter"), price("starter", "year"), month(start)
    tell(a_subscription(alice, starter, period), bought(alice, starter, period))
    since = start + timedelta(days=10)
    whole = year(since)
    rest = told.Period(since, period.end)
    with time_machine.travel(since + timedelta(seconds=2)):
        tell(a_subscription(alice, yearly, whole, start_date=start))
        lines = [a_line(starter, rest, -1900, part=True), a_line(yearly, whole, 29_000)]
        tell(an_invoice(alice, lines, id="in_2", reason="subscription_update"))
    payment = Payment.objects.get(invoice_id="in_2")
    assert (payment.credits, payment.period_end, payment.interval) == (150, whole.end, "year")
    assert available(alice) == 20 + 150 + 150
    assert StripeSubscription.objects.get().paid_until == whole.end


def test_b17_months_become_a_year_that_costs_nothing(alice):
    start = this_second()
    starter, yearly, period = price("starter"), price("starter", "year"), month(start)
    tell(a_subscription(alice, starter, period), bought(alice, starter, period))
    since = start + timedelta(days=10)
    whole = year(since)
    lines = [
        a_line(starter, told.Period(since, period.end), -1900, part=True),
        a_line(yearly, whole, 29_000),
    ]
    with time_machine.travel(since + timedelta(seconds=2)):
        tell(a_subscription(alice, yearly, whole, start_date=start))
        tell(an_invoice(alice, lines, id="in_2", reason="subscription_update", paid=0))
    assert StripeSubscription.objects.get().paid_until == whole.end
    assert (Payment.objects.count(), available(alice)) == (1, 170)
    for days in (45, 340):
        with time_machine.travel(start + timedelta(days=days)):
            end_lapsed()
            resets.run(at=this_second())
            assert (plan_of(alice), available(alice)) == ("starter", 0)
    with time_machine.travel(whole.end + timedelta(days=4)):
        assert (end_lapsed(), plan_of(alice)) == (1, "free")
    assert_sound()


def test_b17_change_that_costs_nothing_in_a_month_that_is_not_paid_extends_nothing(alice):
    start, starter, pro = this_second(), price("starter"), price("pro")
    tell(a_subscription(alice, starter, month(start)), bought(alice, starter, month(start)))
    second = month(start, 1)
    rest = told.Period(second.start + timedelta(days=1), second.end)
    with time_machine.travel(rest.start + timedelta(seconds=2)):
        tell(a_subscription(alice, pro, second, start_date=start, status="past_due"))
        lines = [a_line(starter, rest, -2800, part=True), a_line(pro, rest, 2800, part=True)]
        tell(an_invoice(alice, lines, id="in_2", reason="subscription_update"))
    assert StripeSubscription.objects.get().paid_until == month(start).end
    assert (Payment.objects.count(), StripeSubscription.objects.get().waived_until) == (1, None)


def test_b17_trial_brings_its_own_credits_once_and_the_month_when_it_is_paid(alice):
    load(source=TRIAL)
    told.name_prices()
    start, pro = this_second(), price("pro")
    ends = start + timedelta(days=14)
    trial = told.Period(start, ends)
    on_trial = a_subscription(alice, pro, trial, status="trialing", trial_end=ends, billing_cycle_anchor=ends)
    zero = an_invoice(alice, [a_line(pro, trial, 0)])
    tell(on_trial, zero, on_trial)
    assert (plan_of(alice), available(alice)) == ("pro", 80)
    assert not Payment.objects.exists()
    paid = told.Period(ends, ends + timedelta(days=30))
    with time_machine.travel(ends + timedelta(minutes=1)):
        tell(a_subscription(alice, pro, paid, start_date=start, trial_end=ends))
        tell(bought(alice, pro, paid, id="in_2", reason="subscription_cycle"))
        assert plan_of(alice) == "pro"
        assert Payment.objects.get().credits == 500
    assert_sound()


def test_trial_is_once_per_person(alice):
    load(source=TRIAL)
    told.name_prices()
    start = this_second()
    ends = start + timedelta(days=14)
    trial = told.Period(start, ends)
    again = open_account("alice+again")
    for number, user in enumerate((alice, again)):
        tell(a_subscription(user, price("pro"), trial, id=f"sub_{number}", status="trialing", trial_end=ends))
    assert (available(alice), available(again)) == (80, 0)


def test_trial_that_is_not_paid_ends_with_the_grace(alice):
    load(source=TRIAL)
    told.name_prices()
    start = this_second()
    ends = start + timedelta(days=14)
    tell(a_subscription(alice, price("pro"), told.Period(start, ends), status="trialing", trial_end=ends))
    with time_machine.travel(ends + timedelta(days=3, seconds=2)):
        assert end_lapsed() == 1
        assert plan_of(alice) == "free"
    assert_sound()


def test_reminder_comes_three_days_before_a_trial_ends(alice):
    load(source=TRIAL)
    told.name_prices()
    start = this_second()
    ends = start + timedelta(days=14)
    data = a_subscription(alice, price("pro"), told.Period(start, ends), status="trialing", trial_end=ends)
    tell(data)
    reminders = Notification.objects.filter(user=alice, title__startswith="Your trial of Pro ends")
    assert not reminders.exists()
    with time_machine.travel(ends - timedelta(days=3)):
        tell(data, data)
    assert [reminder.body for reminder in reminders] == [
        "Then $79 is taken for the first month. Cancel before that day, and nothing is."
    ]


def test_payment_for_a_plan_that_credits_do_not_meter_brings_none(alice):
    source = edited('price = "on request"', "price = { month_cents = 900, year_cents = 9000 }", "humanizer")
    load_shipped("humanizer")
    load(source=source)
    told.name_prices()
    month_bought(alice, 0, "premium")
    assert Payment.objects.get().credits == 0


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


def test_upgrade_of_a_month_that_cost_nothing_brings_the_whole_rest(alice):
    """Nothing came with the first plan, whose coupon took its price away: so nothing of it is taken off."""
    start = this_second()
    period = month(start)
    starter, pro = price("starter"), price("pro")
    tell(a_subscription(alice, starter, period), bought(alice, starter, period, paid=0))
    assert available(alice) == 20
    rest = told.Period(start, period.end)
    lines = [a_line(starter, rest, 0, part=True), a_line(pro, rest, 7900, part=True)]
    tell(
        a_subscription(alice, pro, period), an_invoice(alice, lines, id="in_2", reason="subscription_update")
    )
    assert Payment.objects.get().credits == 500
    assert available(alice) == 520


def test_what_else_stands_on_the_invoice_of_an_upgrade_is_no_plan(alice):
    start = this_second()
    period = month(start)
    starter, pro = price("starter"), price("pro")
    tell(a_subscription(alice, starter, period), bought(alice, starter, period))
    rest = told.Period(start, period.end)
    by_hand = a_line(pro, told.Period(start, start), 10_000)
    by_hand["parent"] = {"type": "invoice_item_details", "invoice_item_details": {"proration": False}}
    by_hand["pricing"]["price_details"]["price"] = "price_of_advice"
    lines = [by_hand, a_line(starter, rest, -2900, part=True), a_line(pro, rest, 7900, part=True)]
    tell(
        a_subscription(alice, pro, period), an_invoice(alice, lines, id="in_2", reason="subscription_update")
    )
    payment = Payment.objects.get(invoice_id="in_2")
    assert (payment.terms.plan.code, payment.credits) == ("pro", 350)
