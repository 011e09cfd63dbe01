"""G09: reading changes nothing. D02: a stranger's reading shows nothing of anybody else."""

import re
from typing import Any

from django.test import Client

from tests.access.asking import address, ask
from tests.access.database import fingerprint
from tests.access.estate import Estate, Visitor
from tests.access.routes import LIBRARIES, Row, routes, row_of
from tests.support import broker, people

Answered = tuple[str, dict[str, Any], str]


def _visitor(estate: Estate) -> Visitor:
    person = Visitor(estate.owner.display_name, people.client_for(estate.owner), people.api_for(estate.owner))
    person.browser.raise_request_exception = person.program.raise_request_exception = False
    return person


def _answers(visitor: Visitor, estate: Estate, queries: list[dict[str, Any]]) -> list[Answered]:
    """Read every route that answers to GET about what `estate` holds, the studio's own with each query."""
    found = []
    for route in routes():
        row = row_of(route)
        if row is None or route.is_admin or "GET" not in row.methods.split():
            continue
        url = address(route, estate)
        broker.forget(cache_only=True)
        for query in queries[:1] if route.name in LIBRARIES else queries:
            asked = Row(row.access, row.methods, row.body, {**row.query, **query})
            answer = ask(visitor, route, asked, "GET", url, estate)
            found.append((url, query, answer.getvalue().decode() if answer.streaming else answer.text))
    return found


def test_reading_everything_writes_nothing(hers: Estate) -> None:
    before = fingerprint()
    answers = _answers(_visitor(hers), hers, [{}])
    assert len(answers) > 60
    after = fingerprint()
    assert {table for table in before if before[table] != after[table]} == set()


def test_operators_reading_everything_writes_nothing(hers: Estate) -> None:
    client = people.operator_client(people.open_operator())
    pages = _admin_pages(client)
    before = fingerprint()
    assert {url: code for url in pages if (code := client.get(url).status_code) != 200} == {}
    after = fingerprint()
    assert {table for table in before if before[table] != after[table]} == set()


def _admin_pages(client: Client) -> list[str]:
    """The front page, every list, and the page and history of a row of each."""
    lists = [
        model["admin_url"] for app in client.get("/admin/").context["app_list"] for model in app["models"]
    ]
    rows = []
    for url in lists:
        first = re.search(rf'href="({re.escape(url)}[^"?]+/change/)', client.get(url).content.decode())
        rows += [first[1], first[1].replace("/change/", "/history/")] if first else []
    assert len(rows) > 20
    return ["/admin/", *lists, *rows]


def test_nothing_of_alice_is_in_what_charlie_reads(hers: Estate, his: Estate) -> None:
    """D02: two tenants with marked texts; every page, list and search of one shows none of the other's."""
    ids = hers.ids()
    tried = [
        {},
        {"q": "canary-7d1f", "page_size": 100, "loose": 1},
        {"project": ids["project"], "document": ids["document"]},
        {"status": "completed", "kind": "document", "trash": "true", "archived": 1},
    ]
    answers = _answers(_visitor(his), his, tried)
    marks = (hers.canary, "alice@example.com", *ids.values())
    shown = [
        (url, query, mark)
        for url, query, text in answers
        for mark in marks
        if mark in text and mark not in query.values()
    ]
    assert shown == []
    assert any(his.canary in text for url, query, text in answers if "q" in query), "marks are found"
