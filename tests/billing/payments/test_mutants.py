"""The tests test: billing with a planted mistake does not pass them."""

import inspect

import pytest
from django.db import transaction

from billing.payments import meaning as payments
from billing.payments import reversals
from tests.billing import given_back, told
from tests.billing.payments import test_payments, test_reversals
from tests.credits.planting import CAUGHT
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


def mutant(module, instead, by):
    """The module's names, as they would be with another line in it."""
    source = inspect.getsource(module)
    assert instead in source
    names = {"__name__": module.__name__}
    exec(compile(source.replace(instead, by), module.__file__, "exec"), names)  # noqa: S102
    return names


PAYMENTS = {
    "grant on checkout": (
        'data["mode"] != "payment" or data["payment_status"] != "paid" or not data["amount_total"]',
        'data["mode"] != "payment" or not data["amount_total"]',
        "checkout",
        lambda alice: test_payments.test_pack_is_granted_once_when_it_is_paid(alice),
    ),
    "grant without money": (
        'if not data["amount_paid"]:',
        "if False:",
        "invoice",
        lambda alice: test_payments.test_nothing_is_granted_unless_money_arrived(alice, "active"),
    ),
}


@pytest.mark.parametrize("mistake", PAYMENTS)
def test_a_payment_that_is_meant_wrongly_is_caught(alice, monkeypatch, mistake):
    told.name_prices()
    instead, by, name, check = PAYMENTS[mistake]
    planted = mutant(payments, instead, by)[name]
    monkeypatch.setitem(told.MEANINGS, {"checkout": "checkout.session"}.get(name, name), planted)
    with pytest.raises(CAUGHT):
        check(alice)


REVERSALS = {
    "won disputes stay": (
        "elif was_standing:",
        "elif False:",
        test_reversals.test_dispute_over_what_was_refunded_takes_nothing_twice,
        test_reversals.test_the_six_states_of_money_that_goes_back,
    ),
    "failed refunds stand": (
        '_NOT_PAID_BACK = ("failed", "canceled")',
        "_NOT_PAID_BACK = ()",
        test_reversals.test_full_refund_of_unspent_credits_takes_all_of_them,
        test_reversals.test_refund_that_fails_gives_back_exactly_what_was_taken_once,
    ),
    "an inquiry takes": (
        '_TAKEN = ("needs_response", "under_review", "lost")',
        '_TAKEN = ("needs_response", "under_review", "lost", "warning_needs_response")',
        test_reversals.test_full_refund_of_unspent_credits_takes_all_of_them,
        lambda dora: test_reversals.test_an_inquiry_takes_nothing(dora, "warning_needs_response"),
    ),
}


@pytest.mark.parametrize("mistake", REVERSALS)
def test_a_reversal_that_is_meant_wrongly_is_caught(monkeypatch, mistake):
    instead, by, still_passes, fails = REVERSALS[mistake]
    planted = mutant(reversals, instead, by)
    for name in ("refund", "dispute"):
        monkeypatch.setitem(given_back.MEANINGS, name, planted[name])
    with transaction.atomic():
        still_passes(open_account("dora", verified=False))
        transaction.set_rollback(True)
    with pytest.raises(CAUGHT):
        fails(open_account("dora", verified=False))
