"""The page of the history: which lines, and the way to older and newer ones."""

import re

import pytest

from tests.credits.books import fund
from tests.credits.test_pages import dora, rows_of, spend

__all__ = ["dora"]
pytestmark = pytest.mark.django_db


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
    answer = client_for(dora).get("/credits/history/", {"show": show})
    assert [row[1].partition(";")[0] for row in rows_of(answer)] == kinds


def test_the_history_turns_its_pages_by_entry(dora, client_for):
    for number in range(1, 61):
        fund(dora.wallet.pk, number)
    client, seen, address = client_for(dora), [], "/credits/history/"
    while address:
        answer = client.get(address)
        seen.append([row[2] for row in rows_of(answer)])
        older = re.search(r'href="(\?[^"]*)" rel="next"', answer.content.decode())
        address = older and "/credits/history/" + older[1].replace("&amp;", "&")
    assert [len(page) for page in seen] == [25, 25, 10]
    assert [amount for page in seen for amount in page] == [f"+{number}" for number in range(60, 0, -1)]
    newer = re.search(r'href="(\?[^"]*)" rel="prev"', answer.content.decode())
    back = client.get("/credits/history/" + newer[1].replace("&amp;", "&"))
    assert [row[2] for row in rows_of(back)] == seen[1]
    first = client.get("/credits/history/", {"after": 35})
    assert [row[2] for row in rows_of(first)] == seen[0]
    assert 'rel="prev"' not in first.content.decode()


@pytest.mark.parametrize("place", ["x", "-1", "9" * 30, "\u0663"])
def test_a_place_that_is_none_is_the_beginning(dora, client_for, place):
    fund(dora.wallet.pk, 20)
    assert len(rows_of(client_for(dora).get("/credits/history/", {"before": place}))) == 1
