"""What the database refuses of refunds, disputes and trials, by the name of the constraint."""

import pytest
from django.db import IntegrityError

from billing.models import Reversal, Trial
from config.common.clock import now
from tests.billing.given_back import buy
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"kind": "gift"}, "kind_known"),
        ({"amount_cents": 0}, "amount_positive"),
        ({"credits_due": -1}, "credits_not_negative"),
        ({"credits_gone": -1}, "credits_not_negative"),
        ({"credits_forgiven": -1}, "credits_not_negative"),
        ({"credits_taken": 5}, "takes_no_more_than_due"),
        ({"credits_due": 4, "credits_taken": 9, "credits_restored": 4}, "takes_no_more_than_due"),
        ({"credits_restored": 5}, "restored_whole_when_undone"),
        (
            {"undone_at": now(), "credits_due": 5, "credits_taken": 5, "credits_restored": 4},
            "restored_whole_when_undone",
        ),
    ],
)
def test_a_reversal_that_cannot_be_is_refused_by_the_database(fields, rule):
    given = {"kind": "refund", "amount_cents": 100, "status": "succeeded", "happened_at": now()}
    payment = buy(open_account("dora", verified=False))
    with pytest.raises(IntegrityError, match=f"billing_reversal_{rule}"):
        Reversal.objects.create(id="re_1", payment=payment, **{**given, **fields})


def test_a_trial_brings_no_less_than_nothing():
    with pytest.raises(IntegrityError, match="billing_trial_credits_not_negative"):
        Trial.objects.create(person="somebody", credits=-1, started_at=now())
