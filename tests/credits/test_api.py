"""The API of credits."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from credits import ledger
from credits.models import Entry
from tests.credits.books import fund, hold, travel
from tests.credits.spending import pay, session_on, text_of
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora():
    """An account without free credits."""
    return open_account("dora", verified=False)


def test_balance(dora, api_for):
    fund(dora.wallet.pk, 20, source="allowance", minutes=60)
    fund(dora.wallet.pk, 5, minutes=10)
    travel(11)
    held = hold(dora.wallet.pk, 8)
    ledger.settle(hold_id=held.hold_id, amount=3, key="s")
    hold(dora.wallet.pk, 6)
    dora.wallet.refresh_from_db()
    answer = api_for(dora).get("/api/v1/credits/balance")
    assert answer.status_code == 200
    assert answer.json() == {
        "available": 11,
        "held": 6,
        "allowance": 20,
        "used_this_period": 3,
        "owed": 0,
        "resets_at": dora.wallet.period_end.isoformat().replace("+00:00", "Z"),
    }


def test_balance_without_an_allowance_resets_on_the_accounts_own_day(dora, api_for):
    body = api_for(dora).get("/api/v1/credits/balance").json()
    opened = dora.wallet.opened_at
    assert (body["available"], body["allowance"]) == (0, 0)
    assert body["resets_at"] == dora.wallet.period(at=opened).end.isoformat().replace("+00:00", "Z")


def test_balance_is_one_query_beside_the_sign_in(dora, api_for, django_assert_num_queries):
    client = api_for(dora)
    with django_assert_num_queries(2):
        client.get("/api/v1/credits/balance")


def test_a_line_of_the_history_is_complete(dora, api_for):
    fund(dora.wallet.pk, 20)
    held = hold(dora.wallet.pk, 8, turn=7)
    moved = ledger.settle(hold_id=held.hold_id, amount=3, key="s", description="Writer, round 1")
    line = api_for(dora).get("/api/v1/credits/history").json()["results"][0]
    entry = Entry.objects.get(pk=moved.entry_id)
    assert line == {
        "id": str(entry.key),
        "seq": 3,
        "kind": "settle",
        "amount": -3,
        "held_change": -8,
        "balance_after": 17,
        "available_after": 17,
        "reference": {"kind": "turn", "id": str(UUID(int=7))},
        "cause": None,
        "description": "Writer, round 1",
        "created_at": entry.created_at.isoformat().replace("+00:00", "Z"),
        "hash": bytes(entry.hash).hex(),
    }


def test_the_amounts_of_the_history_sum_to_the_balance(dora, api_for):
    fund(dora.wallet.pk, 20)
    held = hold(dora.wallet.pk, 8)
    ledger.settle(hold_id=held.hold_id, amount=3, key="s")
    hold(dora.wallet.pk, 4)
    client = api_for(dora)
    balance = client.get("/api/v1/credits/balance").json()
    lines = client.get("/api/v1/credits/history").json()["results"]
    assert sum(line["amount"] for line in lines) == balance["available"] + balance["held"]
    assert sum(line["held_change"] for line in lines) == balance["held"]


def test_the_history_goes_on_by_cursor(dora, api_for):
    for number in range(1, 8):
        fund(dora.wallet.pk, number)
    client, seen, cursor = api_for(dora), [], ""
    while cursor is not None:
        body = client.get("/api/v1/credits/history", {"page_size": 3, "cursor": cursor}).json()
        seen.append([line["amount"] for line in body["results"]])
        cursor = body["next"]
    assert seen == [[7, 6, 5], [4, 3, 2], [1]]


def test_the_history_filters_by_kind_and_time(dora, api_for):
    fund(dora.wallet.pk, 20)
    hold(dora.wallet.pk, 8)
    client, address = api_for(dora), "/api/v1/credits/history"

    def kinds(**query):
        return [line["kind"] for line in client.get(address, query).json()["results"]]

    made = list(Entry.objects.filter(wallet=dora.wallet).order_by("seq").values_list("created_at", flat=True))
    assert kinds(kind="hold") == ["hold"]
    assert kinds(kind="refund") == []
    assert kinds(**{"from": made[1].isoformat()}) == ["hold"]
    assert kinds(to=made[1].isoformat()) == ["grant"]
    assert kinds(**{"from": made[0].isoformat(), "to": (made[1] + timedelta(seconds=1)).isoformat()}) == [
        "hold",
        "grant",
    ]
    assert kinds(**{"from": (timezone.now() + timedelta(days=1)).isoformat()}) == []


@pytest.mark.parametrize(("field", "value"), [("kind", "gift"), ("from", "yesterday"), ("to", "soon")])
def test_a_filter_that_makes_no_sense_is_refused_by_name(dora, api_for, field, value):
    answer = api_for(dora).get("/api/v1/credits/history", {field: value})
    assert answer.status_code == 422
    assert list(answer.json()["error"]["details"]["fields"]) == [field]


def test_strangers_read_their_own(dora, charlie, api_for):
    ledger.grant(wallet_id=dora.wallet.pk, amount=777, source="bonus", key=str(uuid4()))
    client = api_for(charlie)
    assert client.get("/api/v1/credits/balance").json()["available"] != 777
    assert 777 not in [line["amount"] for line in client.get("/api/v1/credits/history").json()["results"]]


@pytest.mark.parametrize("path", ["balance", "history", "usage"])
def test_nobody_reads_without_signing_in(api_for, path):
    assert api_for(None).get(f"/api/v1/credits/{path}").status_code == 401


@pytest.mark.parametrize("rows", [1, 3])
def test_the_history_asks_as_much_for_three_as_for_one(dora, api_for, rows, django_assert_num_queries):
    for _ in range(rows):
        fund(dora.wallet.pk, 10)
    client = api_for(dora)
    with django_assert_num_queries(2):  # user, history
        client.get("/api/v1/credits/history")


@pytest.mark.parametrize("cursor", ["cD1hYmM=", "nonsense", "%00"])
def test_a_made_up_cursor_is_refused(dora, api_for, cursor):
    fund(dora.wallet.pk, 10)
    answer = api_for(dora).get("/api/v1/credits/history", {"cursor": cursor})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_usage_tells_where_the_credits_went(alice, api_for):
    session = session_on(text_of(alice, "The ledger"))
    pay(session, 6, tokens=4000)
    pay(session, 3, role="style_editor")
    answer = api_for(alice).get("/api/v1/credits/usage").json()
    day = Entry.objects.filter(wallet=alice.wallet, kind="settle").first().created_at.date().isoformat()
    assert (answer["spent"], answer["given_back"], answer["time_zone"]) == (9, 0, "UTC")
    assert answer["days"] == [{"day": day, "credits": 9}]
    assert answer["agents"] == [{"name": "Writer", "credits": 6}, {"name": "Style Editor", "credits": 3}]
    assert answer["models"] == [{"name": "House", "credits": 9, "tokens": 5000}]
    assert answer["documents"] == [{"name": "The ledger", "credits": 9}]
    month = api_for(alice).get("/api/v1/credits/usage", {"month": day[:7]}).json()
    assert (month["start"], month["spent"]) == (f"{day[:7]}-01T00:00:00Z", 9)
    assert api_for(alice).get("/api/v1/credits/usage", {"month": "2020-01"}).json()["days"] == []


@pytest.mark.parametrize("month", ["2026-13", "november", "2026-11-01"])
def test_usage_of_no_month_is_refused_by_name(dora, api_for, month):
    answer = api_for(dora).get("/api/v1/credits/usage", {"month": month})
    assert answer.status_code == 422
    assert list(answer.json()["error"]["details"]["fields"]) == ["month"]


@pytest.mark.parametrize("rows", [1, 3])
def test_usage_asks_as_much_for_three_as_for_one(alice, api_for, rows, django_assert_num_queries):
    for number in range(rows):
        pay(session_on(text_of(alice, f"Text {number}")), 2)
    client = api_for(alice)
    with django_assert_num_queries(6):  # user; balance; places, days, agents and texts, models
        client.get("/api/v1/credits/usage")
