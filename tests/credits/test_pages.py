"""The page of one's credits."""

import re
from uuid import uuid4

import pytest

from credits import causes, ledger
from credits.models import Wallet
from tests.credits.books import fund, hold, travel
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora():
    """An account without free credits: its ledger is what the test makes it."""
    return open_account("dora", verified=False)


def text_of(answer):
    """The page as it reads."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def rows_of(answer):
    """The lines of the history, as lists of words."""
    table = answer.content.decode().split('id="history"')[1]
    body = re.search(r"<tbody>(.*)</tbody>", table, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [
        [
            re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", "", cell.replace("<p>", "; "))).strip()
            for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def spend(user, *, held, paid, description="", reference=None):
    """Hold and settle."""
    wallet = Wallet.objects.of(user).get()
    first = hold(wallet.pk, held)
    ledger.settle(hold_id=first.hold_id, amount=paid, key=str(uuid4()), description=description)
    return first


def test_a_new_account_is_told_what_comes_here(dora, client_for):
    answer = client_for(dora).get("/credits/")
    assert answer.status_code == 200
    assert "Your first credits come once your e-mail address is confirmed" in text_of(answer)
    assert 'href="/accounts/email/"' in answer.content.decode()


def test_a_proven_person_without_credits_is_led_to_the_plan(alice, client_for):
    again = open_account("alice+again")
    text = text_of(client_for(again).get("/credits/"))
    assert "Your plan says when credits come" in text
    assert "e-mail address is confirmed" not in text


def test_the_page_shows_balance_lots_and_history(dora, client_for):
    wallet = dora.wallet
    fund(wallet.pk, 20, source="allowance", minutes=60 * 24)
    fund(wallet.pk, 1_500, source="purchase")
    spend(dora, held=8, paid=3, description="Writer, round 1")
    hold(wallet.pk, 6)
    answer = client_for(dora).get("/credits/")
    text = text_of(answer)
    assert "1\u202f511 available" in text
    assert "6 held for work" in text
    assert "20 this period’s allowance" in text
    assert "3 used in this period" in text
    assert "Allowance" in text
    assert "Does not expire 1\u202f500 of 1\u202f500 left" in text
    assert [row[1:] for row in rows_of(answer)] == [
        ["Held", "\u22126 held", "1\u202f517"],
        ["Writer, round 1; 5 of 8 held came back", "\u22123", "1\u202f517"],
        ["Held", "\u22128 held", "1\u202f520"],
        ["Granted", "+1\u202f500", "1\u202f520"],
        ["Granted", "+20", "20"],
    ]


def test_a_lot_that_is_over_no_longer_counts(dora, client_for):
    fund(dora.wallet.pk, 5, minutes=10)
    fund(dora.wallet.pk, 7)
    travel(11)
    text = text_of(client_for(dora).get("/credits/"))
    assert "7 available" in text
    assert "12 available" not in text


def test_a_parked_wallet_is_explained(dora, client_for):
    dora.wallet.park(reason="I01: drifted")
    text = text_of(client_for(dora).get("/credits/"))
    assert "Your credits are being checked" in text
    assert "I01" not in text


@pytest.mark.parametrize(
    ("show", "kinds"),
    [
        ("", ["Spent", "Held", "Granted"]),
        ("added", ["Granted"]),
        ("spent", ["Spent"]),
        ("held", ["Held"]),
        ("expired", []),
        ("nonsense", ["Spent", "Held", "Granted"]),
    ],
)
def test_the_history_filters_by_kind(dora, client_for, show, kinds):
    fund(dora.wallet.pk, 20)
    spend(dora, held=8, paid=3)
    answer = client_for(dora).get("/credits/", {"show": show})
    assert [row[1].partition(";")[0] for row in rows_of(answer)] == kinds


def test_the_history_turns_its_pages_by_entry(dora, client_for):
    for number in range(1, 61):
        fund(dora.wallet.pk, number)
    client, seen, address = client_for(dora), [], "/credits/"
    while address:
        answer = client.get(address)
        seen.append([row[2] for row in rows_of(answer)])
        older = re.search(r'href="(\?[^"]*)" rel="next"', answer.content.decode())
        address = older and "/credits/" + older[1].replace("&amp;", "&")
    assert [len(page) for page in seen] == [25, 25, 10]
    assert [amount for page in seen for amount in page] == [f"+{number}" for number in range(60, 0, -1)]
    newer = re.search(r'href="(\?[^"]*)" rel="prev"', answer.content.decode())
    back = client.get("/credits/" + newer[1].replace("&amp;", "&"))
    assert [row[2] for row in rows_of(back)] == seen[1]
    first = client.get("/credits/", {"after": 35})
    assert [row[2] for row in rows_of(first)] == seen[0]
    assert 'rel="prev"' not in first.content.decode()


@pytest.mark.parametrize("place", ["x", "-1", "9" * 30, "\u0663"])
def test_a_place_that_is_none_is_the_beginning(dora, client_for, place):
    fund(dora.wallet.pk, 20)
    assert len(rows_of(client_for(dora).get("/credits/", {"before": place}))) == 1


def test_a_line_leads_to_what_caused_it(dora, client_for, monkeypatch):
    thing = uuid4()
    monkeypatch.setattr(causes, "_describers", {})
    causes.register("thing", lambda user, ids: {i: causes.Cause("A <thing>", f"/things/{i}/") for i in ids})
    ledger.grant(
        wallet_id=dora.wallet.pk,
        amount=1,
        source="bonus",
        key="k",
        reference=ledger.Reference("thing", thing),
    )
    ledger.grant(
        wallet_id=dora.wallet.pk,
        amount=1,
        source="bonus",
        key="l",
        reference=ledger.Reference("other", thing),
    )
    page = client_for(dora).get("/credits/").content.decode()
    assert page.count(f'href="/things/{thing}/"') == 1
    assert "A &lt;thing&gt;" in page


def test_strangers_see_their_own(dora, charlie, client_for):
    fund(dora.wallet.pk, 777)
    assert "777" not in text_of(client_for(charlie).get("/credits/"))


def test_signed_out_is_led_to_the_door(client_for):
    answer = client_for(None).get("/credits/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_only_reading_is_allowed(dora, client_for):
    assert client_for(dora).post("/credits/").status_code == 405


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_database_as_much_for_three_as_for_one(
    dora, client_for, rows, django_assert_num_queries
):
    for _ in range(rows):
        fund(dora.wallet.pk, 10)
        spend(dora, held=2, paid=1)
    client = client_for(dora)
    client.get("/credits/")
    with django_assert_num_queries(7):  # session, user, balance, lots, history; the shell
        client.get("/credits/")
