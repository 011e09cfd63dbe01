"""What is owed, forgiven by operators: as credits are given, with a reason and a second person above the limit."""

import pytest

from accounts.models import AuditEntry, Notification
from billing.models import Reversal
from billing.payments import debts
from credits import corrections, ledger
from credits.corrections import NotOwed, SecondPersonNeeded
from credits.models import Entry
from tests.billing.given_back import a_dispute, a_refund, buy, figures, spend, told
from tests.credits.books import assert_whole, hold
from tests.credits.correcting import Kind, ask
from tests.support.people import open_account, open_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora():
    """Somebody who owes 40 credits of a pack that was refunded."""
    dora = open_account("dora", verified=False)
    payment = buy(dora)
    spend(dora, 40)
    told(a_refund(payment))
    assert figures(dora) == (0, 0, 40)
    return dora


def forgive(dora, olga, credits, **more):
    """Forgive, and let what follows the commit follow."""
    return ask(dora.wallet, olga, kind=Kind.WAIVE, credits=credits, **more)


def test_what_is_forgiven_settles_and_nothing_is_left_of_it(dora, olga, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        done = forgive(dora, olga, 40, reason="A goodwill of ours")
    assert done.state == "applied"
    row = Reversal.objects.get()
    assert (row.credits_forgiven, row.credits_taken, row.debt) == (40, 60, 0)
    assert figures(dora) == (0, 0, 0)
    assert AuditEntry.objects.get(act="credits.applied").reason == "A goodwill of ours"
    titles = Notification.objects.filter(user=dora).values_list("title", flat=True)
    assert {"40 credits were forgiven that you owed", "Your account owes nothing any more"} <= set(titles)
    last = Entry.objects.filter(wallet=dora.wallet).order_by("-seq").values_list("kind", "amount")[:2]
    assert list(last) == [("clawback", -40), ("grant", 40)]
    assert_whole()


def test_part_of_it_leaves_the_rest(dora, olga, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        forgive(dora, olga, 15)
    assert figures(dora) == (0, 0, 25)
    with pytest.raises(ledger.CreditsOwed):
        hold(dora.wallet.pk, 1)


@pytest.mark.parametrize("credits", [41, 1000])
def test_no_more_is_forgiven_than_is_owed(dora, olga, credits):
    with pytest.raises(NotOwed, match="40 credits are owed"):
        forgive(dora, olga, credits)
    assert figures(dora) == (0, 0, 40)


def test_nothing_owed_is_nothing_to_forgive(bob, olga):
    with pytest.raises(NotOwed, match="No credits are owed"):
        ask(bob.wallet, olga, kind=Kind.WAIVE, credits=1)


def test_above_the_limit_a_second_person_decides(dora, olga, settings, django_capture_on_commit_callbacks):
    settings.OPERATOR_CREDITS_ALONE = 10
    waiting = forgive(dora, olga, 40)
    assert (waiting.state, figures(dora)) == ("pending", (0, 0, 40))
    with pytest.raises(SecondPersonNeeded):
        corrections.approve(correction_id=waiting.pk, actor=olga)
    with django_capture_on_commit_callbacks(execute=True):
        corrections.approve(correction_id=waiting.pk, actor=open_operator("otto"))
    assert figures(dora) == (0, 0, 0)
    assert_whole()


def test_a_debt_that_was_settled_meanwhile_is_not_forgiven(
    dora, olga, settings, django_capture_on_commit_callbacks
):
    settings.OPERATOR_CREDITS_ALONE = 10
    waiting = forgive(dora, olga, 40)
    with django_capture_on_commit_callbacks(execute=True):
        buy(dora, number=2)
    with pytest.raises(NotOwed):
        corrections.approve(correction_id=waiting.pk, actor=open_operator("otto"))
    assert figures(dora) == (60, 0, 0)


def test_what_was_forgiven_does_not_come_back_with_the_money(olga, django_capture_on_commit_callbacks):
    dora = open_account("dora", verified=False)
    payment = buy(dora)
    spend(dora, 40)
    told(a_dispute(payment))
    with django_capture_on_commit_callbacks(execute=True):
        forgive(dora, olga, 40)
    told(a_dispute(payment, status="won"))
    assert figures(dora) == (60, 0, 0)
    assert_whole()


def test_what_nobody_owes_any_more_is_taken_back(olga):
    """The dispute is won between the forgiving and its settling."""
    dora = open_account("dora", verified=False)
    payment = buy(dora)
    spend(dora, 40)
    told(a_dispute(payment))
    forgive(dora, olga, 40)
    told(a_dispute(payment, status="won"))
    assert figures(dora) == (60, 0, 0)
    assert debts.settle(user=dora) == 0
    assert figures(dora) == (60, 0, 0)
    assert_whole()


class TestTheAdmin:
    """The wallet's page."""

    def test_it_forgives_with_a_reason(self, dora, operators):
        page = f"/admin/credits/wallet/{dora.wallet.pk}/forgive/"
        shown = operators.get(page).content.decode()
        assert "It owes 40" in shown
        assert 'value="40"' in shown
        key = "5f0b4b0e-43a5-4c0f-9d3c-8f4f5e1c7a21"
        answer = operators.post(page, {"credits": "40", "reason": "", "key": key})
        assert "This field is required" in answer.content.decode()
        operators.post(page, {"credits": "40", "reason": "A goodwill of ours", "key": key})
        assert debts.settle(user=dora) == 0
        assert figures(dora) == (0, 0, 0)

    def test_who_owes_nothing_has_no_such_button(self, bob, operators):
        page = f"/admin/credits/wallet/{bob.wallet.pk}/"
        assert "forgive/" not in operators.get(f"{page}change/").content.decode()
        assert operators.get(f"{page}forgive/").status_code == 403

    def test_wallets_that_owe_are_found(self, dora, bob, operators):
        listed = operators.get("/admin/credits/wallet/?parked=owes").content.decode()
        assert dora.email in listed
        assert bob.email not in listed
