"""Credits moved by hand in the admin: the form, what waits, the decisions, parking."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission

from accounts.models import AuditEntry, User
from config.common.clock import now
from credits import ledger
from credits.models import Correction, Entry, Lot, Wallet
from tests.credits.books import figures, fund, hold
from tests.credits.correcting import REASON, Kind, ask
from tests.support.people import open_account, open_operator, operator_client

pytestmark = pytest.mark.django_db

LIST = "/admin/credits/correction/"
WAITING = f"{LIST}waiting/"


@pytest.fixture
def otto(db):
    """The second operator."""
    return open_operator("otto")


def page_of(wallet, act="correct"):
    return f"/admin/credits/wallet/{wallet.pk}/{act}/"


def body(**changes):
    """The form as it is sent."""
    return {
        "kind": "grant",
        "credits": "50",
        "last_day": "",
        "reason": REASON,
        "key": str(uuid4()),
        **changes,
    }


def decide(client, correction, act, note=""):
    return client.post(f"{LIST}{correction.pk}/decide/", {"act": act, "note": note}, follow=True)


def clerk_with(*codenames):
    """A client of staff with these permissions and no other."""
    clerk = open_operator("clerk")
    User.objects.filter(pk=clerk.pk).update(is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return operator_client(User.objects.get(pk=clerk.pk))


class TestTheForm:
    """Give or take."""

    def test_the_account_and_the_wallet_lead_to_it(self, operators, alice):
        for url in (
            f"/admin/accounts/user/{alice.pk}/change/",
            f"/admin/credits/wallet/{alice.wallet.pk}/change/",
        ):
            assert f'href="{page_of(alice.wallet)}' in operators.get(url).content.decode()

    def test_it_shows_what_there_is_and_what_one_may_do_alone(self, operators, olga, alice, bob):
        fund(alice.wallet.pk, 30)
        hold(alice.wallet.pk, 7)
        ask(bob.wallet, olga, credits=400)
        page = operators.get(page_of(alice.wallet)).content.decode()
        figures = re.findall(r'text-2xl font-semibold [^"]*">([^<]+)</dd>', page)
        assert figures == ["43", "7", "600"]
        assert "alice@example.com" in page

    def test_giving_moves_at_once_and_ends_with_the_chosen_day(self, operators, alice):
        before = figures(alice.wallet.pk)[0]
        day = (now() + timedelta(days=9)).date()
        answer = operators.post(page_of(alice.wallet), body(last_day=day.isoformat()), follow=True)
        assert f"Given 50: {REASON}" in answer.content.decode()
        assert figures(alice.wallet.pk) == (before + 50, 0)
        lot = Lot.objects.get(source="bonus")
        assert lot.expires_at == datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)

    def test_sent_twice_it_moves_once(self, operators, alice):
        before, sent = figures(alice.wallet.pk)[0], body()
        for _ in range(2):
            assert operators.post(page_of(alice.wallet), sent).status_code == 302
        assert figures(alice.wallet.pk) == (before + 50, 0)

    def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(self, operators, alice):
        fund(alice.wallet.pk, 5)
        before = figures(alice.wallet.pk)
        page = operators.post(page_of(alice.wallet), body(kind="take", credits="99999")).content.decode()
        assert f"Only {before[0]} credits can be taken" in page
        assert 'value="99999"' in page
        assert REASON in page
        for changes, said in (
            ({"credits": "0"}, "greater than or equal to 1"),
            ({"reason": "short"}, "at least 10 characters"),
            ({"last_day": "2020-01-01"}, "Choose a day that is still to come."),
            ({"kind": "take", "last_day": "2099-01-01"}, "Only credits that are given can expire."),
        ):
            assert said in operators.post(page_of(alice.wallet), body(**changes)).content.decode()
        assert (figures(alice.wallet.pk), Correction.objects.count()) == (before, 0)

    def test_a_charge_is_given_back_from_its_own_page(self, operators, alice):
        held = hold(alice.wallet.pk, 8, turn=1)
        entry = Entry.objects.get(pk=ledger.settle(hold_id=held.hold_id, amount=6, key="s").entry_id)
        url = f"/admin/credits/entry/{entry.pk}/give-back/"
        assert url in operators.get(f"/admin/credits/entry/{entry.pk}/change/").content.decode()
        before = figures(alice.wallet.pk)[0]
        assert 'value="6"' in operators.get(url).content.decode()
        operators.post(url, body(credits="4"))
        assert figures(alice.wallet.pk) == (before + 4, 0)
        assert "At most 2 credits" in operators.post(url, body(credits="4")).content.decode()

    def test_only_charges_can_be_given_back(self, operators, alice):
        entry = Entry.objects.get(pk=fund(alice.wallet.pk, 5).entry_id)
        assert "give-back" not in operators.get(f"/admin/credits/entry/{entry.pk}/change/").content.decode()
        assert operators.post(f"/admin/credits/entry/{entry.pk}/give-back/", body()).status_code in (403, 404)

    def test_reading_alone_moves_nothing(self, alice):
        clerk = clerk_with("view_wallet", "view_correction", "view_entry")
        before = figures(alice.wallet.pk)
        assert clerk.post(page_of(alice.wallet), body()).status_code == 403
        assert clerk.post(page_of(alice.wallet, "park"), {"reason": "why not"}).status_code == 403
        assert (figures(alice.wallet.pk), Correction.objects.count()) == (before, 0)
        assert Wallet.objects.get(pk=alice.wallet.pk).parked_at is None


class TestWhatWaits:
    """The queue of the second operator."""

    def test_above_the_limit_the_form_leads_to_it(self, operators, alice):
        before = figures(alice.wallet.pk)
        answer = operators.post(page_of(alice.wallet), body(credits="1001"), follow=True)
        page = answer.content.decode()
        assert answer.redirect_chain[-1][0] == WAITING
        assert "This waits for a second operator" in page
        assert "You asked for it: another operator decides." in page
        assert 'value="approve"' not in page
        assert figures(alice.wallet.pk) == before

    def test_another_operator_approves(self, operators, olga, otto, alice):
        before = figures(alice.wallet.pk)[0]
        waits = ask(alice.wallet, otto, credits=1500)
        assert 'value="approve"' in operators.get(WAITING).content.decode()
        page = decide(operators, waits, "approve").content.decode()
        assert "Given 1500: applied." in page
        assert "Nothing waits." in page
        assert figures(alice.wallet.pk) == (before + 1500, 0)
        assert "It was applied already." in decide(operators, waits, "approve").content.decode()

    def test_rejecting_asks_why(self, operators, otto, alice):
        waits = ask(alice.wallet, otto, credits=1500)
        assert "Say why." in decide(operators, waits, "reject").content.decode()
        assert "Given 1500: rejected." in decide(operators, waits, "reject", "Too much").content.decode()
        assert Correction.objects.get().decision_note == "Too much"

    def test_who_asked_withdraws_and_never_approves(self, operators, olga, alice):
        waits = ask(alice.wallet, olga, credits=1500)
        assert "You asked for it yourself" in decide(operators, waits, "approve").content.decode()
        assert "Given 1500: withdrawn." in decide(operators, waits, "withdraw").content.decode()

    def test_deciding_needs_its_own_permission(self, otto, alice):
        waits = ask(alice.wallet, otto, credits=1500)
        clerk = clerk_with("view_correction", "add_correction")
        assert 'value="approve"' not in clerk.get(WAITING).content.decode()
        for act in ("approve", "reject"):
            assert decide(clerk, waits, act, "why").status_code == 403
        assert Correction.objects.get().is_pending

    def test_a_decision_is_posted(self, operators, otto, alice):
        waits = ask(alice.wallet, otto, credits=1500)
        assert operators.get(f"{LIST}{waits.pk}/decide/").status_code == 405

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_asks_the_same_whatever_its_length(self, operators, otto, rows, django_assert_num_queries):
        for number in range(rows):
            ask(open_account(f"user{number}").wallet, otto, credits=1500)
        operators.get(WAITING)
        with django_assert_num_queries(3):  # session, operator, the rows
            operators.get(WAITING)


class TestTheLog:
    """All of them, to read."""

    def test_it_shows_who_asked_and_who_decided(self, operators, olga, otto, alice):
        waits = ask(alice.wallet, otto, credits=1500)
        decide(operators, waits, "approve")
        for url in (LIST, f"{LIST}{waits.pk}/change/"):
            page = operators.get(url).content.decode()
            for words in ("alice@example.com", "otto@example.com", "olga@example.com", REASON):
                assert words in page

    def test_nobody_adds_changes_or_deletes(self, operators, olga, alice):
        row = ask(alice.wallet, olga)
        assert operators.get(f"{LIST}add/").status_code == 403
        assert operators.post(f"{LIST}{row.pk}/change/", {"amount": 9}).status_code == 403
        assert operators.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert Correction.objects.get().amount == 50

    def test_an_erased_operator_is_shown_by_id(self, operators, otto, alice):
        row, otto_id = ask(alice.wallet, otto), str(otto.pk)
        otto.delete()
        for url in (LIST, f"{LIST}{row.pk}/change/"):
            assert otto_id in operators.get(url).content.decode()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_asks_the_same_whatever_its_length(self, operators, olga, rows, django_assert_num_queries):
        for number in range(rows):
            ask(open_account(f"user{number}").wallet, olga, kind=Kind.GRANT)
        operators.get(LIST)
        with django_assert_num_queries(4):  # session, operator, the capped count, the rows
            operators.get(LIST)


def test_a_wallet_is_parked_and_let_work_again_with_reasons(operators, olga, alice):
    url = f"/admin/credits/wallet/{alice.wallet.pk}/change/"
    page = operators.get(url).content.decode()
    assert page_of(alice.wallet, "park") in page
    assert page_of(alice.wallet, "unpark") not in page
    operators.post(page_of(alice.wallet, "park"), {"reason": "Asked for by the owner"})
    assert Wallet.objects.get(pk=alice.wallet.pk).parked_reason == "Asked for by the owner"
    assert (
        "Parked because: Asked for by the owner"
        in operators.get(page_of(alice.wallet, "unpark")).content.decode()
    )
    operators.post(page_of(alice.wallet, "unpark"), {"reason": "Looked at, all is well"})
    assert Wallet.objects.get(pk=alice.wallet.pk).parked_at is None
    acts = AuditEntry.objects.filter(user_id=alice.pk).order_by("id").values_list("act", "actor_id")
    assert list(acts) == [("wallet.parked", olga.pk), ("wallet.unparked", olga.pk)]
