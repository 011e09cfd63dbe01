"""The history by what one looks for, and as files that no spreadsheet runs."""

import asyncio
import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from config.common.downloads import Download
from credits import causes, exports, journal, ledger
from credits.causes import Cause, Scope
from credits.history import Wanted
from credits.models import Entry
from credits.statements.months import Month
from credits.statements.reading import statement_of
from tests.credits.books import fund, hold
from tests.support.people import open_account

pytestmark = pytest.mark.django_db

BOOK, CHAPTER = UUID(int=70), UUID(int=71)


@pytest.fixture
def dora():
    """An account without free credits."""
    return open_account("dora", verified=False)


@pytest.fixture
def caused(dora, monkeypatch):
    """Dora's ledger: a gift, then two turns about a document of hers, then one about another."""
    begun = datetime.now(UTC)
    mine = {BOOK: [UUID(int=1), UUID(int=2)], CHAPTER: [UUID(int=3)]}
    titles = {BOOK: "=The <book>", CHAPTER: "A chapter"}

    def find(user, thing):
        known = mine.get(thing) if user == dora else None
        return Scope(titles[thing], "turn", known, begun) if known else None

    def describe(user, ids):
        return {i: Cause(titles[BOOK if i.int < 3 else CHAPTER], f"/sessions/{i}/") for i in ids}

    monkeypatch.setattr(causes, "_describers", {"turn": describe})
    monkeypatch.setattr(causes, "_scopes", {"document": (find, lambda user: [(BOOK, titles[BOOK])])})
    ledger.grant(
        wallet_id=dora.wallet.pk, amount=20, source="bonus", key="gift", description="@gift of\tthe house"
    )
    for turn in (1, 2, 3):
        held = hold(dora.wallet.pk, 4, turn=turn)
        ledger.settle(hold_id=held.hold_id, amount=turn, key=f"s{turn}", description=f"Writer, round {turn}")
    return dora


def described(answer):
    return [line["description"] for line in answer.json()["results"] if line["kind"] == "settle"]


def test_the_api_filters_by_document_and_words(caused, api_for):
    client, address = api_for(caused), "/api/v1/credits/history"
    assert described(client.get(address, {"document": BOOK})) == ["Writer, round 2", "Writer, round 1"]
    assert described(client.get(address, {"document": CHAPTER})) == ["Writer, round 3"]
    assert described(client.get(address, {"q": "round WRITER"})) == [f"Writer, round {n}" for n in (3, 2, 1)]
    assert described(client.get(address, {"q": "round 3"})) == ["Writer, round 3"]
    assert described(client.get(address, {"q": "100%"})) == []
    line = client.get(address, {"document": CHAPTER}).json()["results"][0]
    assert line["cause"] == {"label": "A chapter", "url": f"/sessions/{UUID(int=3)}/"}


@pytest.mark.parametrize("thing", [uuid4(), "document"])
def test_what_is_not_ones_own_is_not_there(caused, charlie, api_for, client_for, thing):
    assert api_for(caused).get("/api/v1/credits/history", {"document": uuid4()}).status_code == 404
    assert api_for(charlie).get("/api/v1/credits/history", {"document": BOOK}).status_code == 404
    assert client_for(caused).get("/credits/history/", {"about": f"document:{thing}"}).status_code == 404
    assert client_for(charlie).get("/credits/history/", {"about": f"document:{BOOK}"}).status_code == 404


def rows_of(page):
    return page.content.decode().split("<tbody>")[1].count("<tr>") if "<tbody>" in page.text else 0


def test_the_page_filters_and_keeps_what_was_asked(caused, client_for):
    client = client_for(caused)
    assert rows_of(client.get("/credits/history/")) == 7
    page = client.get("/credits/history/", {"about": f"document:{BOOK}", "show": "spent"})
    assert rows_of(page) == 2
    assert f'<option value="document:{BOOK}" selected>=The &lt;book&gt;</option>' in page.text
    assert f"/credits/history.csv?show=spent&amp;about=document%3A{BOOK}" in page.text
    page = client.get("/credits/history/", {"about": f"document:{CHAPTER}"})
    assert "A chapter</option>" in page.text, "what is older than the newest things can be chosen too"
    assert rows_of(client.get("/credits/history/", {"q": "gift"})) == 1
    assert "No such line" in client.get("/credits/history/", {"q": "nothing of the kind"}).text


def test_days_are_the_readers_own(caused, client_for):
    from tests.credits.test_statements import moved_to

    caused.time_zone = "Pacific/Auckland"
    caused.save()
    day = datetime(2026, 11, 10, 11, 30, tzinfo=UTC)  # the 11th in Auckland
    moved_to(caused, *(day + timedelta(minutes=number) for number in range(7)))
    client = client_for(caused)
    assert rows_of(client.get("/credits/history/", {"since": "2026-11-11", "until": "2026-11-11"})) == 7
    assert rows_of(client.get("/credits/history/", {"until": "2026-11-10"})) == 0
    wrong = client.get("/credits/history/", {"since": "yesterday"})
    assert (rows_of(wrong), "Enter a valid date" in wrong.text) == (7, True)


def test_csv_is_harmless_and_complete(caused, client_for):
    answer = client_for(caused).get("/credits/history.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="atelier-credits.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [row["credits"] for row in rows] == ["-3", "0", "-2", "0", "-1", "0", "20"]
    assert sum(int(row["credits"]) for row in rows) == 14
    assert rows[-1]["description"] == "'@gift of\tthe house"
    assert rows[2]["cause"] == "'=The <book>"
    assert rows[2]["cause_url"] == f"http://localhost:8000/sessions/{UUID(int=2)}/"
    assert rows[2]["hash"] == bytes(Entry.objects.get(wallet=caused.wallet, seq=5).hash).hex()


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_text_begins_a_formula(first):
    """E07."""
    assert exports._cell(f"{first}1+cmd|' /C calc'!A0") == f"'{first}1+cmd|' /C calc'!A0"
    assert exports._cell(-3) == -3
    assert exports._cell("a=b") == "a=b"


def test_json_is_the_same(caused, api_for, client_for):
    by_page = client_for(caused).get("/credits/history.json", {"show": "spent"}).getvalue()
    by_api = api_for(caused).get("/api/v1/credits/history.json", {"kind": "settle"}).getvalue()
    assert by_page == by_api
    assert [entry["credits"] for entry in json.loads(by_api)["entries"]] == [-3, -2, -1]
    nothing = api_for(caused).get("/api/v1/credits/history.json", {"kind": "expire"})
    assert json.loads(nothing.getvalue()) == {"entries": []}


def test_a_program_may_ask_for_csv_by_name(caused, api_for):
    answer = api_for(caused).get("/api/v1/credits/history.csv", HTTP_ACCEPT="text/csv")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")


def test_a_file_is_read_a_batch_at_a_time(caused, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(journal, "BATCH", 3)
    parts = exports.as_csv(caused, Wanted(), site="")
    assert next(parts).startswith(b"number,")
    with django_assert_num_queries(1):
        assert next(parts).count(b"\n") == 3
    with django_assert_num_queries(2):
        assert [part.count(b"\n") for part in parts] == [3, 1]


def test_a_download_flows_under_asgi_piece_by_piece():
    taken = []

    def parts():
        for number in range(3):
            taken.append(number)
            yield bytes([number]) * 70_000

    async def read():
        file = Download(parts(), name="a", content_type="text/plain")
        return [(len(piece), len(taken)) async for piece in file]

    # In a thread: a browser, where this process has had one, keeps a loop running in the main one.
    with ThreadPoolExecutor(1) as thread:
        read_so = thread.submit(asyncio.run, read()).result()
    assert read_so == [(70_000, 1), (70_000, 2), (70_000, 3)]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_history_asks_as_much_for_three_as_for_one(dora, client_for, rows, django_assert_num_queries):
    for _ in range(rows):
        fund(dora.wallet.pk, 10)
    client = client_for(dora)
    client.get("/credits/history/")
    with django_assert_num_queries(7):  # session, user; sessions, documents; history; the shell, bell
        client.get("/credits/history/")


@pytest.mark.parametrize("rows", [1, 3])
def test_statements_ask_as_much_for_three_as_for_one(dora, client_for, rows, django_assert_num_queries):
    for _ in range(rows):
        fund(dora.wallet.pk, 10)
    client, month = client_for(dora), f"{datetime.now(UTC):%Y-%m}"
    client.get("/credits/statements/")
    with django_assert_num_queries(7):  # session, user; wallet, places, stands; shell, bell
        client.get("/credits/statements/")
    with django_assert_num_queries(10):  # and the lines, the totals, what was spent
        client.get(f"/credits/statements/{month}/")


def test_the_statement_reads_as_one_would_keep_it(caused, client_for):
    month = datetime.now(UTC)
    page = client_for(caused).get(f"/credits/statements/{month:%Y-%m}/")
    for words in (
        f"{month:%B %Y}",
        "dora@example.com",
        "Granted",
        "+20",
        "Spent",
        "−6",
        "A chapter",
        "Writer, round 3",
    ):
        assert words in page.text
    file = client_for(caused).get(f"/credits/statements/{month:%Y-%m}/file/").getvalue()
    assert json.loads(file)["closing"]["balance"] == 14
    by_api = client_for(caused).get(f"/api/v1/credits/statements/{month:%Y-%m}")
    assert by_api.getvalue() == file


def test_what_several_sessions_of_one_name_took_is_told_apart(caused, client_for):
    """A line for the name with the sum, and one with its day for each session behind it."""
    groups = statement_of(caused, Month.of(datetime.now(UTC))).spent_on()
    told = [(group.label, group.credits, [part.credits for part in group.parts]) for group in groups]
    assert told == [("=The <book>", 3, [1, 2]), ("A chapter", 3, [3])]
    written = {entry.reference_id: entry.created_at for entry in Entry.objects.filter(kind="settle")}
    assert [part.first for part in groups[0].parts] == [written[UUID(int=1)], written[UUID(int=2)]]
    page = client_for(caused).get(f"/credits/statements/{datetime.now(UTC):%Y-%m}/").text
    lines = re.findall(r"<tr.*?</tr>", page.split("What it went on")[1].split("Line by line")[0], re.DOTALL)
    assert len(lines) == 4
    assert "2 times" in lines[0]
    for number, line in enumerate(lines[1:], start=1):
        assert f"/sessions/{UUID(int=number)}/" in line
        assert f'datetime="{written[UUID(int=number)]:%Y-%m-%dT%H:%M}' in line


def test_what_is_beyond_the_dearest_names_is_one_line(caused, client_for, monkeypatch):
    monkeypatch.setattr("credits.statement_pages._MOST_CAUSES", 1)
    page = client_for(caused).get(f"/credits/statements/{datetime.now(UTC):%Y-%m}/").text
    assert "1 other</th>" in page


@pytest.mark.parametrize("month", ["2020-01", "2999-01", "2026-13", "now"])
def test_a_month_without_a_statement_is_not_there(dora, client_for, api_for, month):
    for place in (f"/credits/statements/{month}/", f"/credits/statements/{month}/file/"):
        assert client_for(dora).get(place).status_code == 404
    assert api_for(dora).get(f"/api/v1/credits/statements/{month}").status_code == 404


def test_the_months_by_program(dora, api_for):
    fund(dora.wallet.pk, 5)
    answer = api_for(dora).get("/api/v1/credits/statements").json()
    assert (answer["next"], [row["entries"] for row in answer["results"]]) == (None, [1])
    assert answer["results"][0]["closing"]["balance"] == 5
    refused = api_for(dora).get("/api/v1/credits/statements", {"until": "soon"})
    assert (refused.status_code, list(refused.json()["error"]["details"]["fields"])) == (422, ["until"])


def test_a_long_month_turns_its_pages(dora, client_for, monkeypatch):
    monkeypatch.setattr("credits.statement_pages.LINES", 2)
    for amount in (1, 2, 3):
        fund(dora.wallet.pk, amount)
    address = f"/credits/statements/{datetime.now(UTC):%Y-%m}/"
    first = client_for(dora).get(address)
    assert (rows_of(first), 'href="?after=2"' in first.text) == (2, True)
    second = client_for(dora).get(address, {"after": 2})
    assert (rows_of(second), "Entries 3 to 3" in second.text) == (1, True)
