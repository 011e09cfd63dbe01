"""The invariants of money: silent when all is well, and each sees its planted defect."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from billing.models import Payment
from billing.payments import debts
from billing.verification_payments import PAYMENT_INVARIANTS
from credits import ledger, resets
from credits.verification import breaks, invariants
from tests.billing import told as stripe
from tests.billing.given_back import a_dispute, a_refund, buy, spend, subscribe, told
from tests.billing.told import a_line, a_subscription, an_invoice, month, price, tell, this_second, year
from tests.credits.books import fund, triggers_asleep
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora():
    """Somebody who has paid for a month, a change within it, a pack and a service; two packs went back."""
    stripe.name_prices()
    dora = open_account("dora", verified=False)
    start = this_second() - timedelta(days=10)
    subscribe(dora, "starter", start=start)
    starter, pro, period = price("starter"), price("pro"), month(start)
    rest = type(period)(this_second(), period.end)
    lines = [a_line(pro, rest, 3000, part=True), a_line(starter, rest, -900, part=True)]
    tell(
        a_subscription(dora, pro, period),
        an_invoice(dora, lines, id="in_2", reason="subscription_update"),
    )
    buy(dora, number=1)
    buy(dora, "manuscript-review", number=2)
    told(a_refund(buy(dora, number=3)))
    spend(dora, 600)
    told(a_dispute(Payment.objects.get(checkout_id="cs_1")))
    return dora


def found(code):
    """Where an invariant is broken."""
    (invariant,) = [each for each in PAYMENT_INVARIANTS if each.code == code]
    return breaks(invariant)


def plant(*statements):
    """Do to the tables what their guards would refuse."""
    connection.check_constraints()
    with triggers_asleep() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_all_is_well_after_money_came_and_went(dora):
    assert {each.code: breaks(each) for each in PAYMENT_INVARIANTS} == {"I15": [], "I16": [], "I25": []}
    assert {"I15", "I16", "I25"} <= {each.code for each in invariants()}
    dora.wallet.refresh_from_db()
    assert dora.wallet.owed > 0


DEFECTS = {
    "a pack that was never granted": (
        "I15",
        "UPDATE credits_entry SET reference_kind = '' WHERE reference_kind = 'payment' AND amount = 100",
    ),
    "a pack of other credits": (
        "I15",
        "UPDATE billing_payment SET credits = credits + 1 WHERE product_id IS NOT NULL",
    ),
    "a month that was never granted": (
        "I15",
        """UPDATE credits_lot SET period_start = period_start - interval '90 days',
               expires_at = expires_at - interval '90 days' WHERE source = 'allowance'""",
    ),
    "granted twice": (
        "I15",
        """UPDATE credits_entry SET reference_kind = 'payment', reference_id = (
               SELECT id FROM billing_payment WHERE checkout_id = 'cs_1'
           ) WHERE reference_kind = 'payment'""",
    ),
    "granted for nothing": ("I15", "UPDATE billing_payment SET credits = 0 WHERE checkout_id = 'cs_1'"),
    "a grant for no payment": (
        "I16",
        """UPDATE credits_entry SET reference_id = gen_random_uuid()
           WHERE kind = 'grant' AND reference_kind = 'payment'""",
    ),
    "a purchase without a payment": (
        "I16",
        "UPDATE credits_entry SET reference_kind = 'gift' WHERE kind = 'grant' AND reference_kind = 'payment'",
    ),
    "a month that nobody paid for": (
        "I16",
        """UPDATE billing_payment SET period_start = period_start + interval '1 day'
           WHERE invoice_id IN ('in_1', 'in_2')""",
    ),
    "a debt forgotten": ("I25", "UPDATE credits_wallet SET owed = 0 WHERE owed > 0"),
    "a debt invented": ("I25", "UPDATE credits_wallet SET owed = owed + 1"),
    "less due than went back": (
        "I25",
        """UPDATE billing_reversal SET credits_due = 0, credits_taken = 0, takings = 0""",
        "UPDATE credits_entry SET created_at = created_at - interval '1 hour'",
        "UPDATE credits_wallet SET owed = 0",
    ),
    "taken by nobody": (
        "I25",
        "UPDATE billing_reversal SET credits_taken = credits_taken - 1 WHERE credits_taken > 0",
    ),
    "restored by nobody": (
        "I25",
        """UPDATE billing_reversal SET credits_restored = credits_taken, undone_at = now()
           WHERE credits_taken > 0""",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_seen(dora, defect):
    code, *statements = DEFECTS[defect]
    plant(*statements)
    assert [place.wallet_id for place in found(code)][:1] == [dora.wallet.pk]


@pytest.fixture
def yearly():
    """Somebody whose change to a greater plan, in a year, went back by half before its second month began."""
    stripe.name_prices()
    dora = open_account("dora", verified=False)
    start = this_second() - timedelta(days=35)
    with time_machine.travel(start + timedelta(seconds=1)):
        subscribe(dora, "starter", "year", start=start)
        starter, pro, period = price("starter", "year"), price("pro", "year"), year(start)
        rest = type(period)(this_second(), period.end)
        lines = [a_line(pro, rest, 79_000, part=True), a_line(starter, rest, -29_000, part=True)]
        tell(a_subscription(dora, pro, period), an_invoice(dora, lines, id="in_2"))
        told(a_refund(Payment.objects.get(invoice_id="in_2"), 25_000))
    resets.run()
    debts.settle_due()
    return dora


def test_months_of_a_change_that_went_back_in_part_are_counted(yearly):
    """I25: its share of the month it was made in, and 350 of the 500 of the month after."""
    assert found("I25") == []
    upgrade = Payment.objects.get(invoice_id="in_2")
    (row,) = upgrade.reversals.all()
    assert row.credits_due == -(-(upgrade.credits + 350) // 2)
    plant(
        "UPDATE billing_reversal SET credits_due = credits_due - 175, credits_taken = credits_taken - 175",
        "UPDATE credits_entry SET created_at = created_at - interval '1 hour'",
        "UPDATE credits_lot SET created_at = created_at - interval '1 hour'",
    )
    assert "are due" in found("I25")[0].detail


def test_more_due_than_went_back_is_seen(yearly):
    plant("UPDATE billing_reversal SET credits_due = credits_due + 1, credits_gone = credits_gone + 1")
    assert "are due" in found("I25")[0].detail


def test_a_lot_bought_by_hand_is_seen(dora):
    """I16: a page that grants without a payment."""
    fund(dora.wallet.pk, 5, source="purchase")
    assert len(found("I16")) == 1


def test_a_grant_on_a_finished_checkout_is_seen(dora):
    """I15: the first grant of a checkout that then is paid."""
    payment = Payment.objects.get(checkout_id="cs_2")
    ledger.grant(
        wallet_id=dora.wallet.pk,
        amount=150,
        source="purchase",
        key="on the way back",
        reference=ledger.Reference("payment", payment.pk),
    )
    assert [place.wallet_id for place in found("I15")] == [dora.wallet.pk]
