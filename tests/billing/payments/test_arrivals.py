"""Whether what was bought has arrived, as the page after the checkout asks."""

from datetime import timedelta

import pytest

from billing.models import PlanTerms, StripeRequest
from billing.payments import fulfilment
from billing.payments.arrivals import arrival_of
from config.common.clock import now
from tests.billing.paying import bought, pays

pytestmark = pytest.mark.django_db


def _asked(user, *, mode, session="cs_1", at=None):
    StripeRequest.objects.create(
        key=f"checkout:{session}",
        operation="checkout.session.create",
        user=user,
        parameters={"mode": mode},
        state="done",
        result_id=session,
        created_at=at or now(),
        sent_at=at or now(),
        finished_at=now(),
    )


def test_checkout_of_nobody_or_of_somebody_else_is_none(alice, bob):
    _asked(bob, mode="payment")
    assert arrival_of(alice, session="cs_1") is None
    assert arrival_of(alice, session="") is None


def test_plan_arrives_with_what_is_paid_and_not_with_the_checkout(alice):
    _asked(alice, mode="subscription")
    assert not arrival_of(alice, session="cs_1").has_arrived
    paid = pays(alice, "pro", paid_until=now() + timedelta(days=1))
    type(paid).objects.update(paid_until=None)
    assert not arrival_of(alice, session="cs_1").has_arrived
    type(paid).objects.update(paid_until=now() + timedelta(days=30))
    found = arrival_of(alice, session="cs_1")
    assert (found.has_arrived, found.name, found.credits, found.trial_end) == (True, "Pro", 500, None)


def test_trial_arrives_with_its_own_credits(alice):
    PlanTerms.objects.filter(plan__code="pro").update(trial_days=7, trial_credits=30)
    _asked(alice, mode="subscription")
    paid = pays(alice, status="trialing", trial_end=now() + timedelta(days=7))
    found = arrival_of(alice, session="cs_1")
    assert (found.has_arrived, found.credits, found.trial_end) == (True, 30, paid.trial_end)


def test_product_arrives_with_its_payment_and_the_page_of_its_work(alice, monkeypatch):
    _asked(alice, mode="payment", session=f"cs_credits-100_{alice.pk.hex}")
    session = f"cs_credits-100_{alice.pk.hex}"
    assert not arrival_of(alice, session=session).has_arrived
    payment = bought(alice)
    monkeypatch.setattr(fulfilment, "_finders", [lambda payments: {payment.pk: "/orders/1/"}])
    found = arrival_of(alice, session=session)
    assert (found.has_arrived, found.name, found.credits, found.page) == (
        True, "100 credits", 100, "/orders/1/",
    )  # fmt: skip


def test_what_does_not_come_is_late_after_a_minute(alice):
    _asked(alice, mode="payment", at=now() - timedelta(seconds=59))
    assert not arrival_of(alice, session="cs_1").is_late
    _asked(alice, mode="payment", session="cs_2", at=now() - timedelta(seconds=61))
    assert arrival_of(alice, session="cs_2").is_late
