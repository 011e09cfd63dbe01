"""Refunds and disputes: what they take, what they leave owed, and what comes back (B13, B14)."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry, Notification
from billing.models import Payment, Reversal
from billing.payments import debts, reversals
from billing.signals import payment_reversed
from billing.stripe import mirror
from config.common.clock import now
from config.common.errors import Missing
from credits import ledger
from credits.models import Entry
from tests.billing import told as stripe
from tests.billing.given_back import (
    a_dispute,
    a_refund,
    buy,
    credits_of,
    figures,
    left_of,
    spend,
    subscribe,
    told,
)
from tests.billing.told import (
    a_subscription,
    bought,
    epoch,
    month,
    price,
    tell,
    this_second,
)
from tests.credits.books import assert_whole, fresh_key, hold
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _priced(db):
    stripe.name_prices()


@pytest.fixture
def dora():
    """An account without free credits."""
    return open_account("dora", verified=False)


def notices(user):
    """Titles of what the user was told about credits, oldest first."""
    found = Notification.objects.filter(user=user, kind="credits_adjusted").order_by("created_at")
    return list(found.values_list("title", flat=True))


def test_full_refund_of_unspent_credits_takes_all_of_them(dora):
    row = told(a_refund(buy(dora)))
    assert credits_of(row) == (100, 100, 0, 0, 0, 0)
    assert figures(dora) == (0, 0, 0)
    assert_whole()


@pytest.mark.parametrize(
    ("cents", "due"), [(1900, 100), (950, 50), (1, 1), (19, 1), (20, 2), (1899, 100), (633, 34)]
)
def test_partial_refund_takes_its_share_rounded_up(dora, cents, due):
    payment = buy(dora)
    assert payment.amount_cents == 1900
    row = told(a_refund(payment, cents))
    assert credits_of(row) == (due, due, 0, 0, 0, 0)
    assert figures(dora) == (100 - due, 0, 0)


def test_refunds_of_a_payment_take_no_more_than_it_brought(dora):
    payment = buy(dora)
    at = epoch(now())  # one second for all: of later ones, an earlier refund may take a credit of the share
    rows = [told(a_refund(payment, cents, id=f"re_{cents}", created=at)) for cents in (633, 634, 632, 1)]
    assert [row.credits_due for row in rows] == [34, 33, 33, 0]
    assert sum(credits_of(row)[1] for row in rows) == 100
    assert figures(dora) == (0, 0, 0)


def test_dispute_over_what_was_refunded_takes_nothing_twice(dora):
    payment = buy(dora)
    told(a_refund(payment, 760))
    row = told(a_dispute(payment))
    assert credits_of(row)[:2] == (60, 60)
    assert figures(dora) == (0, 0, 0)


def test_the_six_states_of_money_that_goes_back(dora):
    """B13: partial refund, full refund, dispute opened, won, opened again, lost."""
    first, second, third = (buy(dora, number=number) for number in (1, 2, 3))
    spend(dora, 120)  # all of the first, 20 of the second
    partial = told(a_refund(second, 475, id="re_partial"))
    assert credits_of(partial) == (25, 25, 0, 0, 0, 0)
    assert figures(dora) == (155, 0, 0)
    full = told(a_refund(first, id="re_full"))
    assert credits_of(full) == (100, 0, 0, 0, 0, 100)
    assert figures(dora) == (155, 0, 100)
    with pytest.raises(ledger.CreditsOwed):
        hold(dora.wallet.pk, 1)
    opened = told(a_dispute(third, id="dp_won"))
    assert credits_of(opened) == (100, 100, 0, 0, 0, 0)
    assert figures(dora) == (55, 0, 100)
    won = told(a_dispute(third, id="dp_won", status="won"))
    assert credits_of(won) == (0, 100, 100, 0, 0, 0)
    assert figures(dora) == (155, 0, 100)
    told(a_dispute(second, id="dp_lost"))
    lost = told(a_dispute(second, id="dp_lost", status="lost"))
    assert credits_of(lost) == (75, 55, 0, 0, 0, 20)
    assert figures(dora) == (100, 0, 120)
    assert left_of(third) == 100
    assert_whole()


def test_what_is_spent_is_owed_and_told_with_what_to_do(dora):
    payment = buy(dora)
    spend(dora, 40)
    row = told(a_refund(payment))
    assert credits_of(row) == (100, 60, 0, 0, 0, 40)
    assert figures(dora) == (0, 0, 40)
    notice = Notification.objects.get(user=dora, kind="credits_adjusted")
    assert notice.title == "$19 for 100 credits goes back to you"
    assert "60 credits of them were not spent and are taken back" in notice.body
    assert "40 credits of them were spent or are at work, so your account owes them" in notice.body
    assert "Buy credits to settle it" in notice.body
    audited = AuditEntry.objects.get(act="payment.reversed")
    assert (audited.subject_id, audited.after["owed"]) == (str(payment.pk), 40)


def test_the_next_payment_settles_first_and_the_wallet_opens(dora, django_capture_on_commit_callbacks):
    payment = buy(dora)
    spend(dora, 40)
    row = told(a_refund(payment))
    with django_capture_on_commit_callbacks(execute=True):
        later = buy(dora, number=2)
    assert credits_of(row) == (100, 100, 0, 0, 0, 0)
    assert figures(dora) == (60, 0, 0)
    assert left_of(later) == 60
    assert hold(dora.wallet.pk, 60).available == 0
    assert notices(dora)[-1] == "Your account owes nothing any more"
    assert_whole()


def test_a_payment_too_small_settles_what_it_can(dora, django_capture_on_commit_callbacks):
    first, second = buy(dora, number=1), buy(dora, number=2)
    spend(dora, 200)
    told(a_refund(first, id="re_1"))
    told(a_refund(second, id="re_2"))
    with django_capture_on_commit_callbacks(execute=True):
        buy(dora, number=3)
    assert figures(dora) == (0, 0, 100)
    assert [row.debt for row in Reversal.objects.in_order()] == [0, 100]


def test_credits_bought_before_settle_nothing(dora):
    first = buy(dora, number=1, at=now() - timedelta(hours=1))
    buy(dora, number=2, at=now() - timedelta(minutes=30))
    spend(dora, 100)
    told(a_refund(first))
    assert figures(dora) == (100, 0, 100)


@pytest.mark.parametrize("spent", [0, 12, 30])
def test_what_work_holds_is_taken_when_it_returns(dora, spent):
    payment = buy(dora)
    held = hold(dora.wallet.pk, 30)
    row = told(a_refund(payment))
    assert credits_of(row) == (100, 70, 0, 0, 0, 30)
    ledger.settle(hold_id=held.hold_id, amount=spent, key=fresh_key())
    assert debts.settle_due() == 1
    assert credits_of(row) == (100, 100 - spent, 0, 0, 0, spent)
    assert figures(dora) == (0, 0, spent)
    assert debts.settle_due() == 0
    assert_whole()


def test_work_that_is_given_back_is_taken(dora):
    payment = buy(dora)
    used = spend(dora, 30)
    row = told(a_refund(payment))
    ledger.refund(hold_id=used, amount=20, key="back")
    debts.settle_due()
    assert credits_of(row) == (100, 90, 0, 0, 0, 10)
    assert figures(dora) == (0, 0, 10)


def test_refund_that_fails_gives_back_exactly_what_was_taken_once(dora):
    """B14."""
    payment = buy(dora)
    spend(dora, 40)
    row = told(a_refund(payment))
    for _ in range(3):
        told(a_refund(payment, status="failed"))
    assert credits_of(row) == (0, 60, 60, 0, 0, 0)
    assert figures(dora) == (60, 0, 0)
    assert Entry.objects.filter(kind="restore").count() == 1
    assert notices(dora)[-1] == "The refund of $19 for 100 credits did not go through"
    assert_whole()


def test_what_later_credits_settled_comes_back_to_them(dora, django_capture_on_commit_callbacks):
    payment = buy(dora)
    spend(dora, 100)
    told(a_dispute(payment))
    with django_capture_on_commit_callbacks(execute=True):
        later = buy(dora, number=2)
    assert (figures(dora), left_of(later)) == ((0, 0, 0), 0)
    told(a_dispute(payment, status="won"))
    assert (figures(dora), left_of(later)) == ((100, 0, 0), 100)


def test_dispute_that_is_lost_stays(dora):
    payment = buy(dora)
    row = told(a_dispute(payment))
    told(a_dispute(payment, status="under_review"))
    told(a_dispute(payment, status="lost"))
    assert credits_of(row) == (100, 100, 0, 0, 0, 0)
    assert Entry.objects.filter(kind="clawback").count() == 1
    assert len(notices(dora)) == 1


@pytest.mark.parametrize(
    "status", ["warning_needs_response", "warning_under_review", "warning_closed", "won", "prevented"]
)
def test_an_inquiry_takes_nothing(dora, status):
    payment = buy(dora)
    assert told(a_dispute(payment, status=status)) is None
    assert figures(dora) == (100, 0, 0)


def test_an_inquiry_that_becomes_a_dispute_takes(dora):
    payment = buy(dora)
    told(a_dispute(payment, status="warning_needs_response"))
    assert told(a_dispute(payment)).credits_taken == 100


def test_a_refund_that_never_went_out_means_nothing(dora):
    payment = buy(dora)
    assert told(a_refund(payment, status="failed")) is None
    assert figures(dora) == (100, 0, 0)


def test_a_refund_on_its_way_takes_at_once(dora):
    payment = buy(dora)
    assert told(a_refund(payment, status="pending")).credits_taken == 100
    told(a_refund(payment))
    assert Entry.objects.filter(kind="clawback").count() == 1


def test_the_same_said_again_changes_nothing(dora):
    data = a_refund(buy(dora))
    told(data)
    entries = Entry.objects.count()
    told(data)
    assert (Entry.objects.count(), len(notices(dora))) == (entries, 1)


def test_undone_refund_leaves_its_share_to_the_other(dora):
    payment = buy(dora)
    told(a_refund(payment, id="re_1"))
    dispute = told(a_dispute(payment))
    assert credits_of(dispute)[:2] == (0, 0)
    told(a_refund(payment, id="re_1", status="failed"))
    assert credits_of(dispute)[:2] == (100, 100)
    assert figures(dora) == (0, 0, 0)
    assert_whole()


def test_a_dispute_taken_up_again_takes_again(dora):
    payment = buy(dora)
    row = told(a_dispute(payment))
    told(a_dispute(payment, status="won"))
    told(a_dispute(payment, status="under_review"))
    assert credits_of(row) == (100, 200, 100, 0, 0, 0)
    told(a_dispute(payment, status="won"))
    assert credits_of(row) == (0, 200, 200, 0, 0, 0)
    assert figures(dora) == (100, 0, 0)
    assert_whole()


def test_a_refund_of_money_that_is_not_ours_is_passed_over(dora):
    payment = buy(dora)
    foreign = a_refund(payment, charge=None, payment_intent="pi_else")
    assert told(foreign) is None


def test_a_refund_of_an_unknown_charge_asks_for_it(dora):
    payment = buy(dora)
    with pytest.raises(mirror.Needs) as need:
        told(a_refund(payment, charge="ch_else", payment_intent="pi_else"))
    assert need.value.object_id == "ch_else"


def test_a_refund_of_a_payment_that_is_still_to_be_told_waits(dora):
    from billing.stripe import copies

    payment = buy(dora)
    copies.keep(
        {
            "id": "ch_9", "object": "charge", "livemode": False, "created": 1_900_000_000, "amount": 1000,
            "currency": "usd", "paid": True, "status": "succeeded", "metadata": {"atelier_user": str(dora.pk)},
        }
    )  # fmt: skip
    with pytest.raises(Missing, match="not known yet"):
        told(a_refund(payment, charge="ch_9", payment_intent="pi_9"))


def test_a_charge_asks_for_its_refunds(dora):
    payment = buy(dora)
    charge = {
        "id": "ch_1",
        "object": "charge",
        "payment_intent": payment.payment_intent_id,
        "refunds": {"object": "list", "data": [a_refund(payment)]},
    }
    with pytest.raises(mirror.Needs) as need:
        reversals.charge(data=charge, at=now())
    assert need.value.object_id == "re_1"
    told(a_refund(payment))
    reversals.charge(data=charge, at=now())


def test_an_erased_payers_refund_is_kept_and_moves_nothing(dora):
    payment = buy(dora)
    wallet = dora.wallet
    Payment.objects.update(user=None)
    row = told(a_refund(payment))
    wallet.refresh_from_db()
    assert (row.credits_due, wallet.available) == (0, 100)


def test_apps_above_hear_of_it(dora):
    payment, heard = buy(dora), []

    def hear(payment, **more):
        heard.append(payment.pk)

    payment_reversed.connect(hear)
    try:
        told(a_refund(payment))
        told(a_refund(payment))
    finally:
        payment_reversed.disconnect(hear)
    assert heard == [payment.pk]


def test_two_months_of_one_subscription_are_two_payments(dora):
    start = this_second() - timedelta(days=40)
    first = subscribe(dora, "starter", start=start)
    later = month(start, 1)
    starter = price("starter")
    tell(
        a_subscription(dora, starter, later),
        bought(dora, starter, later, id="in_2", reason="subscription_cycle"),
    )
    second = Payment.objects.get(invoice_id="in_2")
    spend(dora, 7)
    row = told(a_refund(second))
    assert credits_of(row) == (second.credits, second.credits - 7, 0, 0, 0, 7)
    assert told(a_refund(first, id="re_2")).credits_due in (0, first.credits)
