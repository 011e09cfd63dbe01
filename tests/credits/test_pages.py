"""The page of one's credits: what is left, where it went, what moved last."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from credits import causes, ledger, parking
from credits.models import Wallet
from tests.credits.books import fund, hold, travel
from tests.credits.spending import opened, pay, period_began, session_on
from tests.credits.spending import text_of as text_of_document
from tests.support.people import open_account
from tests.support.sessions import on_plan, take_all

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
    assert "of 1\u202f520 credits available" in text
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
    assert "7 credits available" in text
    assert "12" not in text.split("credits available")[0].split("Credits and usage")[-1]


def test_a_parked_wallet_is_explained(dora, client_for):
    dora.wallet.park(reason="I01: drifted")
    text = text_of(client_for(dora).get("/credits/"))
    assert "Your credits are being checked" in text
    assert "I01" not in text


def test_what_is_owed_is_told_with_what_to_do(dora, client_for):
    parking.owe(wallet_id=dora.wallet.pk, credits=40, reason="A refund")
    page = client_for(dora).get("/credits/")
    text = text_of(page)
    assert "Your account owes 40 credits" in text
    assert "the next credits you buy" in text
    assert f'href="{reverse("billing:overview")}#once">Buy credits</a>' in page.content.decode()


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


DAY = timedelta(days=1)


def hint_of(answer):
    """The hint that little is left, as words; nothing where there is none."""
    found = re.search(
        r'<section class="notice notice--(warn|bad)" aria-label="Low.*?</section>',
        answer.content.decode(),
        re.DOTALL,
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])).strip() if found else ""


def forecast_of(answer):
    """What is foretold, as words; nothing where nothing is."""
    found = re.search(r'<p class="balance__forecast">.*?</p>', answer.content.decode(), re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])).strip() if found else ""


def test_a_new_month_with_credits_shows_the_first_step_and_foretells_nothing(alice, client_for):
    answer = client_for(alice).get("/credits/")
    text = text_of(answer)
    assert "20 credits available" in text
    assert "No work in this period yet" in text
    assert 'href="/sessions/new/"' in answer.content.decode()
    assert (hint_of(answer), forecast_of(answer)) == ("", "")
    assert '<svg class="chart__drawing"' not in answer.content.decode()


def test_four_fifths_used_brings_the_cheapest_remedy(alice, client_for):
    session = session_on(text_of_document(alice))
    pay(session, 15)
    client = client_for(alice)
    assert hint_of(client.get("/credits/")) == ""
    pay(session, 1)
    answer = client.get("/credits/")
    assert hint_of(answer).startswith("4 credits left Work that cannot be paid waits and loses nothing.")
    assert "Your allowance starts again in" in hint_of(answer)
    assert hint_of(answer).endswith("Starter brings 150 credits a month, for $29. Get Starter")
    assert 'href="/billing/choose/?plan=starter"' in answer.content.decode()
    assert answer.context["balance"].tone == "warn"


def test_all_used_says_that_nothing_is_lost(alice, client_for):
    pay(session_on(text_of_document(alice)), 20, over=0)
    answer = client_for(alice).get("/credits/")
    assert hint_of(answer).startswith(
        "Your credits are used up Nothing is lost: work that waits for credits goes on"
    )
    assert forecast_of(answer) == ""
    assert answer.context["balance"].tone == "bad"


def test_what_is_left_and_held_is_told_as_held(alice, client_for):
    hold(alice.wallet.pk, 20)
    assert hint_of(client_for(alice).get("/credits/")).startswith(
        "What is left is held for work 20 credits are set aside; what the work does not use comes back at once."
    )


def test_who_is_on_the_greatest_plan_is_offered_none(alice, client_for):
    on_plan(alice, "enterprise")
    take_all(alice, leaving=100)
    assert "1 900" not in hint_of(client_for(alice).get("/credits/"))
    answer = client_for(alice).get("/credits/")
    assert "See " not in hint_of(answer)


def test_the_forecast_names_the_day_and_its_assumption(alice, client_for, time_machine):
    time_machine.move_to("2031-11-20T12:00:00Z", tick=True)
    dora = open_account("dora2")
    opened(dora, 60 * DAY)
    session = session_on(text_of_document(dora))
    for days in (12, 8, 4):
        pay(session, 4, ago=days * DAY)
    period_began(dora, 13 * DAY)
    assert forecast_of(client_for(dora).get("/credits/")) == (
        "At this pace they run out around 29 November, 8 days before the reset. "
        "Reckoned with 6.2 credits a week, the average of the last 14 days."
    )


def test_the_forecast_goes_no_further_than_the_reset(alice, client_for):
    opened(alice, 60 * DAY)
    pay(session_on(text_of_document(alice)), 2, ago=5 * DAY)
    assert forecast_of(client_for(alice).get("/credits/")).startswith(
        "At this pace they last beyond the reset."
    )


def test_a_day_of_use_foretells_nothing(alice, client_for):
    pay(session_on(text_of_document(alice)), 2)
    assert (
        forecast_of(client_for(alice).get("/credits/")) == "A forecast comes with three days of use to go by."
    )


def test_the_chart_is_drawn_and_stands_in_a_table_too(alice, client_for, time_machine):
    time_machine.move_to("2031-11-20T12:00:00Z", tick=True)
    dora = open_account("dora3", time_zone="Europe/Vienna")
    opened(dora, 30 * DAY)
    session = session_on(text_of_document(dora))
    pay(session, 4, ago=4 * DAY)
    pay(session, 7, ago=2 * DAY)
    page = client_for(dora).get("/credits/", {"month": "2031-11"}).content.decode()
    assert 'role="img" aria-label="Credits by day. Most on 18 November: 7.' in page
    assert page.count('class="chart__column"') == 2
    table = page.split("<summary>As a table</summary>")[1].split("</details>")[0]
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", table)).strip()
    assert words == (
        "Days without use are left out. Day Credits Sunday, 16 November 2031 4 "
        "Tuesday, 18 November 2031 7 Together 11"
    )


def test_earlier_months_are_a_step_away_and_lead_to_their_statement(alice, client_for, time_machine):
    time_machine.move_to("2031-11-20T12:00:00Z", tick=True)
    dora = open_account("dora4", time_zone="America/New_York")
    opened(dora, 75 * DAY)
    session = session_on(text_of_document(dora))
    pay(session, 4, ago=40 * DAY)
    pay(session, 7, ago=2 * DAY)
    client = client_for(dora)
    page = client.get("/credits/").content.decode()
    assert re.findall(r'class="menu__item" href="(\?[^"]*)#usage"', page) == [
        "?", "?month=2031-11", "?month=2031-10", "?month=2031-09",
    ]  # fmt: skip
    assert 'aria-label="Earlier: November 2031"' in page
    october = client.get("/credits/", {"month": "2031-10"})
    assert "4 credits spent in October 2031." in text_of(october)
    page = october.content.decode()
    assert 'href="/credits/statements/2031-10/"' in page
    assert 'aria-label="Earlier: September 2031"' in page
    assert 'aria-label="Later: November 2031"' in page
    assert "Nothing was spent in September 2031." in text_of(client.get("/credits/", {"month": "2031-09"}))


@pytest.mark.parametrize("month", ["2026-13", "2019-01", "2999-01", "x", "\u0662026-11"])
def test_a_month_that_is_none_of_the_account_is_the_running_period(alice, client_for, month):
    assert "in this period" in text_of(client_for(alice).get("/credits/", {"month": month}))


def test_the_header_says_what_the_page_says(dora, client_for):
    fund(dora.wallet.pk, 12, minutes=10)
    fund(dora.wallet.pk, 100)
    spend(dora, held=8, paid=3)
    hold(dora.wallet.pk, 6)
    for path in ("/credits/", "/studio/"):
        page = client_for(dora).get(path).content.decode()
        assert 'aria-label="103 of 112 credits available, 6 held"' in page
    travel(11)  # nobody has swept yet
    meters = {
        re.search(
            r'aria-label="(100 of \d+ credits available[^"]*)"', client_for(dora).get(path).content.decode()
        )[1]
        for path in ("/credits/", "/studio/")
    }
    assert meters == {"100 of 109 credits available, 6 held"}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_database_as_much_for_three_as_for_one(
    alice, client_for, rows, django_assert_num_queries
):
    for number in range(rows):
        pay(session_on(text_of_document(alice, f"Text {number}")), 6 if rows == 3 else 18, over=0)
    client = client_for(alice)
    client.get("/credits/")
    # user, balance, lots, lines, causes; places, days, agents and texts, models; remedy; projects, bell
    with django_assert_num_queries(12):
        client.get("/credits/")
