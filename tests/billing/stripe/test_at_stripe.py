"""What users are told from the copies of Stripe's objects."""

from datetime import timedelta

import pytest
from djstripe.models import Subscription as Copy

from billing.stripe import readings as at_stripe
from config.common.clock import now
from tests.billing.paying import card, customer_of, invoice, past_due, pays

pytestmark = pytest.mark.django_db


def test_invoices_are_ones_own_without_drafts_newest_first(alice, bob):
    invoice(alice, "in_0001", created=now() - timedelta(days=30))
    invoice(alice, "in_0002")
    invoice(alice, "in_0003", status="draft")
    invoice(bob, "in_0004")
    assert [one.id for one in at_stripe.invoices_of(alice)] == ["in_0002", "in_0001"]


@pytest.mark.parametrize(
    ("status", "words", "tone"),
    [("paid", "paid", "good"), ("open", "to be paid", "warn"), ("void", "void", ""), ("new", "new", "")],
)
def test_invoice_is_told_in_words(alice, status, words, tone):
    line = at_stripe.invoice_line(invoice(alice, "in_0001", status=status, cents=2900))
    assert (line.status_in_words, line.tone, line.total_cents) == (words, tone, 2900)
    assert (line.number, line.what) == ("A1B2C3-0001", "Renewal")
    assert line.pdf == "https://pay.stripe.test/in_0001/pdf"


def test_invoice_of_a_purchase_is_named_by_its_line(alice):
    bill = invoice(alice, "in_0001", reason="manual")
    assert at_stripe.invoice_line(bill).what == "Purchase"
    bill.stripe_data["lines"] = {"data": [{"description": "100 credits"}]}
    assert at_stripe.invoice_line(bill).what == "100 credits"


def test_invoice_to_pay_is_the_open_one_of_the_subscription(alice):
    paid = past_due(alice)
    invoice(alice, "in_other", status="open", subscription="sub_other")
    found = at_stripe.unpaid_invoice(alice, subscription_id=paid.pk)
    assert (found.id, found.due_cents) == ("in_open", 7900)
    assert at_stripe.unpaid_invoice(alice, subscription_id="sub_none") is None


def test_card_is_that_of_the_subscription_before_that_of_the_customer(alice):
    paid = pays(alice)
    assert at_stripe.card_of(alice, subscription_id=paid.pk) is None
    card(alice, last4="4242")
    assert at_stripe.card_of(alice, subscription_id=paid.pk).last4 == "4242"
    customer_of(alice).payment_methods.create(
        id="pm_own",
        stripe_data={"card": {"brand": "mastercard", "last4": "4444", "exp_month": 1, "exp_year": 2020}},
    )
    Copy.objects.filter(id=paid.pk).update(stripe_data={"default_payment_method": "pm_own"})
    found = at_stripe.card_of(alice, subscription_id=paid.pk)
    assert (found.brand, found.last4, found.is_expired(now())) == ("Mastercard", "4444", True)


def test_discounts_are_those_of_the_subscription(alice):
    paid = pays(alice)
    discounts = [{"end": None, "source": {"coupon": {"percent_off": 20.0}}}, "di_1"]
    Copy.objects.filter(id=paid.pk).update(stripe_data={"discounts": discounts})
    found = at_stripe.discounts_of(subscription_id=paid.pk, at=now(), product=None)
    assert [str(discount) for discount in found] == ["20\u00a0% off"]
    assert at_stripe.discounts_of(subscription_id="sub_none", at=now(), product=None) == []
