"""Refunds and disputes in the admin: to read, and giving money back."""

from uuid import uuid4

import pytest

from accounts.models import AuditEntry
from billing.models import Reversal
from billing.payments import refunding, reversals
from billing.stripe import gateway, mirror
from billing.stripe.errors import StripeUnavailable
from config.common.clock import now
from tests.billing.given_back import a_refund, buy, figures, spend, told
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora():
    return open_account("dora", verified=False)


@pytest.fixture
def stripe(monkeypatch):
    """Stripe, that gives back whatever it is asked to; what it was asked for."""
    asked = []

    def request(*, operation, key, parameters, user):
        asked.append((operation, key, parameters, user))
        return {"id": f"re_{len(asked)}"}

    def refresh(object_id):
        _, _, parameters, user = asked[-1]
        payment = user.payments.get(payment_intent_id=parameters["payment_intent"])
        reversals.refund(data=a_refund(payment, parameters["amount"], id=object_id), at=now())

    monkeypatch.setattr(gateway, "request", request)
    monkeypatch.setattr(mirror, "refresh", refresh)
    return asked


def page_of(payment):
    return f"/admin/billing/payment/{payment.pk}/refund/"


def body(**changes):
    return {"amount": "4.75", "reason": "Bought by mistake", "key": str(uuid4()), **changes}


def test_the_payment_leads_to_it_and_shows_what_went_back(dora, operators):
    payment = buy(dora)
    told(a_refund(payment, 475))
    page = operators.get(f"/admin/billing/payment/{payment.pk}/change/").content.decode()
    assert page_of(payment) in page
    assert "re_1" in page


def test_money_goes_back_with_a_reason(dora, olga, operators, stripe):
    payment = buy(dora)
    assert "$19 can still go back" in operators.get(page_of(payment)).content.decode()
    answer = operators.post(page_of(payment), body(), follow=True)
    assert "$4.75 goes back, and 25 credits with it." in answer.content.decode()
    ((operation, key, parameters, user),) = stripe
    assert (operation, user, parameters["amount"]) == ("refund.create", dora, 475)
    assert key.startswith(f"refund:{payment.pk}:admin:")
    entry = AuditEntry.objects.get(act="payment.refund_ordered")
    assert (entry.actor_id, entry.reason, entry.after["amount_cents"]) == (olga.pk, "Bought by mistake", 475)
    assert figures(dora) == (75, 0, 0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reason": "short"}, "at least 10 characters"),
        ({"amount": "0"}, "greater than or equal to 0.01"),
        ({"amount": "19.01"}, "Name an amount above 0 that was paid."),
        ({"amount": "1.234"}, "no more than 2 decimal places"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_asked(dora, operators, stripe, wrong, said):
    answer = operators.post(page_of(buy(dora)), body(**wrong))
    assert said in answer.content.decode()
    assert stripe == []
    assert not AuditEntry.objects.filter(act="payment.refund_ordered").exists()


def test_what_went_back_does_not_go_back_again(dora, operators, stripe):
    payment = buy(dora)
    told(a_refund(payment, 1800))
    answer = operators.post(page_of(payment), body())
    assert "So much is not left of this payment." in answer.content.decode()
    assert stripe == []


def test_a_stripe_that_does_not_answer_is_said(dora, operators, monkeypatch):
    def request(**asked):
        raise StripeUnavailable

    monkeypatch.setattr(gateway, "request", request)
    answer = operators.post(page_of(buy(dora)), body())
    assert "could not be reached" in answer.content.decode()
    assert not Reversal.objects.exists()


def test_a_payment_of_which_stripe_told_nothing_is_left_to_its_pages(dora, olga):
    payment = buy(dora)
    payment.payment_intent_id = payment.charge_id = ""
    with pytest.raises(Exception, match="Nothing was given back") as refused:
        refunding.refund(payment=payment, cents=100, reason="Bought by mistake", actor=olga, key="k")
    assert refused.value.details["fields"]["amount"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_whatever_its_length(dora, operators, rows, django_assert_num_queries):
    for number in range(rows):
        told(a_refund(buy(dora, number=number), 100, id=f"re_{number}"))
    operators.get("/admin/billing/reversal/")
    with django_assert_num_queries(5):
        page = operators.get("/admin/billing/reversal/").content.decode()
    assert page.count('/change/">dora@example.com</a>') == rows


def test_debts_are_found(dora, operators):
    payment = buy(dora)
    spend(dora, 30)
    told(a_refund(payment))
    assert dora.email in operators.get("/admin/billing/reversal/?debt=open").content.decode()
    assert dora.email not in operators.get("/admin/billing/reversal/?debt=none").content.decode()
    assert operators.get("/admin/billing/reversal/re_5F1/change/").status_code == 200
