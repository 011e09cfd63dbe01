"""The notices on the month's credits: at four fifths, at the end, once each."""

import pytest
from django.db import transaction

from accounts.models import Notification
from credits import ledger, metering
from credits.models import Metric
from tests.credits.books import fund, hold, in_minutes
from tests.credits.races import at_once, kinds
from tests.support.people import open_account

KINDS = ("quota_80", "quota_100", "credits_low")


def spend(user, credits, key):
    """Spend as a turn does: settle, then meter, in one transaction."""
    with transaction.atomic():
        held = hold(user.wallet.pk, credits)
        paid = ledger.settle(hold_id=held.hold_id, amount=credits, key=key)
        metering.record(
            user_id=user.pk, metric=Metric.LLM_CALL, quantity=1, credits=credits, entry_id=paid.entry_id
        )


def told():
    return [(n.kind, n.title) for n in Notification.objects.filter(kind__in=KINDS).order_by("created_at")]


@pytest.mark.django_db
def test_four_fifths_and_all_are_told_once(alice):
    spend(alice, 15, "a")
    assert told() == []
    spend(alice, 1, "b")
    spend(alice, 1, "c")
    assert told() == [("quota_80", "16 of this month’s 20 credits are used")]
    spend(alice, 3, "d")
    assert told()[1:] == [("quota_100", "This month’s 20 credits are used")]
    notice = Notification.objects.get(kind="quota_100")
    alice.wallet.refresh_from_db()
    assert notice.cause == f"credits:{alice.wallet.period_start.isoformat()}"
    assert (notice.data["left"], notice.url) == (0, "/credits/")


@pytest.mark.django_db
def test_a_leap_past_both_tells_the_end_only(alice):
    spend(alice, 20, "a")
    assert [kind for kind, _ in told()] == ["quota_100"]


@pytest.mark.django_db
def test_the_last_of_the_purchased_credits_are_told(alice):
    fund(alice.wallet.pk, 10, source="purchase")
    spend(alice, 20, "a")
    spend(alice, 5, "b")
    assert [kind for kind, _ in told()] == ["quota_100"]
    spend(alice, 1, "c")
    spend(alice, 1, "d")
    assert told()[1:] == [("credits_low", "4 credits are left")]


@pytest.mark.django_db
def test_the_next_period_tells_anew(alice):
    spend(alice, 17, "a")
    wallet = alice.wallet
    wallet.refresh_from_db()
    ledger.grant(
        wallet_id=wallet.pk, amount=10, source="allowance", key="next",
        period_start=in_minutes(-1), expires_at=in_minutes(60 * 24 * 30),
    )  # fmt: skip
    spend(alice, 8, "b")
    assert [title for _, title in told()] == [
        "17 of this month’s 20 credits are used",
        "8 of this month’s 10 credits are used",
    ]


@pytest.mark.django_db
def test_without_an_allowance_there_is_nothing_to_tell(db):
    bob = open_account("bob", verified=False)
    fund(bob.wallet.pk, 10, source="purchase")
    spend(bob, 10, "a")
    assert told() == []


@pytest.mark.django_db
def test_a_settlement_that_is_undone_tells_nothing(alice):
    with transaction.atomic():
        spend(alice, 18, "a")
        transaction.set_rollback(True)
    assert told() == []


@pytest.mark.django_db(transaction=True)
def test_many_settlements_at_once_tell_once(alice):
    spend(alice, 12, "a")
    assert kinds(at_once(*[lambda n=n: spend(alice, 1, f"p{n}") for n in range(8)])) == []
    assert [kind for kind, _ in told()] == ["quota_80", "quota_100"]
