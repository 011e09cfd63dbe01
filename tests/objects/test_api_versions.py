"""Versions over the API, for plans that include their history."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from objects.models import Document
from objects.services import create_document, save_document
from tests.objects.plans import put_on


@pytest.fixture
def document(alice: Any) -> Document:
    document = create_document(owner=alice, title="Ledger", body="The keeper wrote in order to know.")
    return save_document(
        document_id=document.pk, user=alice, body="The keeper wrote to know.", expected_revision=1
    )


@pytest.fixture
def api(alice: Any, api_for: Callable[[Any], APIClient]) -> APIClient:
    put_on(alice, "starter")
    return api_for(alice)


def test_versions_are_listed_newest_first(api: APIClient, document: Document) -> None:
    answer = api.get(f"/api/v1/documents/{document.pk}/versions").json()
    assert [(row["number"], row["cause"], row["author"]) for row in answer["results"]] == [
        (2, "save", "Alice"), (1, "created", "Alice"),
    ]  # fmt: skip
    assert "body" not in answer["results"][0]
    one = api.get(f"/api/v1/documents/{document.pk}/versions/1").json()
    assert (one["body"], one["base_number"]) == ("The keeper wrote in order to know.", None)


def test_a_diff_names_each_change(api: APIClient, document: Document) -> None:
    diff = api.get(f"/api/v1/documents/{document.pk}/versions/2/diff?against=1").json()
    assert (diff["against"], diff["number"], diff["words_added"], diff["words_removed"]) == (1, 2, 0, 2)
    kinds = [
        (piece["kind"], piece.get("text"), piece.get("old"), piece.get("new")) for piece in diff["pieces"]
    ]
    assert kinds == [
        ("same", "The keeper wrote ", None, None),
        ("change", None, "in order ", ""),
        ("same", "to know.", None, None),
    ]
    assert diff["changes"] == [1]
    assert diff["pieces"][1]["number"] == 1
    assert diff == api.get(f"/api/v1/documents/{document.pk}/versions/2/diff").json()


def test_choosing_among_the_changes(api: APIClient, document: Document) -> None:
    url = f"/api/v1/documents/{document.pk}/versions/2/choose"
    tag = api.get(f"/api/v1/documents/{document.pk}/versions/2/diff")["ETag"]
    answer = api.post(url, {"against": 1, "accepted": []}, headers={"If-Match": tag})
    assert (answer.status_code, answer["ETag"], answer.json()["version"]) == (200, '"r3"', 3)
    assert answer.json()["body"] == "The keeper wrote in order to know."
    row = api.get(f"/api/v1/documents/{document.pk}/versions").json()["results"][0]
    assert (row["cause"], row["changes_kept"], row["changes_offered"]) == ("choice", 0, 1)


def test_a_stale_choice_gets_both_texts(api: APIClient, document: Document, alice: Any) -> None:
    save_document(document_id=document.pk, user=alice, body="Theirs.", expected_revision=2)
    url = f"/api/v1/documents/{document.pk}/versions/2/choose"
    answer = api.post(url, {"accepted": []}, headers={"If-Match": '"r2"'})
    details = answer.json()["error"]["details"]
    assert (answer.status_code, details["reason"], details["theirs"]) == (409, "stale", "Theirs.")
    assert details["yours"] == "The keeper wrote in order to know."


@pytest.mark.parametrize(
    ("body", "tag", "status"),
    [
        ({"accepted": [1, 7]}, '"r2"', 422),
        ({"accepted": [0]}, '"r2"', 422),
        ({"accepted": "all"}, '"r2"', 422),
        ({}, '"r2"', 422),
        ({"accepted": [1]}, "", 422),
        ({"accepted": [1], "against": 2}, '"r2"', 422),
        ({"accepted": [1], "against": 10**12}, '"r2"', 422),
    ],
)
def test_what_is_no_choice(
    api: APIClient, document: Document, body: dict[str, Any], tag: str, status: int
) -> None:
    url = f"/api/v1/documents/{document.pk}/versions/2/choose"
    assert api.post(url, body, headers={"If-Match": tag}).status_code == status
    assert document.versions.count() == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [("9", 404), ("9/diff", 404), ("1/diff", 404), ("2/diff?against=x", 422), (f"{10**30}", 404)],
)
def test_unknown_numbers(api: APIClient, document: Document, path: str, status: int) -> None:
    assert api.get(f"/api/v1/documents/{document.pk}/versions/{path}").status_code == status


def test_restoring(api: APIClient, document: Document) -> None:
    answer = api.post(f"/api/v1/documents/{document.pk}/versions/1/restore")
    assert (answer.status_code, answer["ETag"], answer.json()["version"]) == (200, '"r3"', 3)
    assert answer.json()["body"] == "The keeper wrote in order to know."
    assert api.post(f"/api/v1/documents/{document.pk}/versions/9/restore").status_code == 404


def test_history_needs_a_plan_with_it(
    alice: Any, document: Document, api_for: Callable[[Any], APIClient]
) -> None:
    free = api_for(alice)
    for method, path in (
        ("get", ""),
        ("get", "/1"),
        ("get", "/2/diff"),
        ("post", "/1/restore"),
        ("post", "/2/choose"),
    ):
        answer = getattr(free, method)(f"/api/v1/documents/{document.pk}/versions{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "feature_not_in_plan")
        assert answer.json()["error"]["details"]["plan"]["code"] == "starter"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_database_the_same_however_long(
    api: APIClient, alice: Any, rows: int, django_assert_num_queries: Any
) -> None:
    document = create_document(owner=alice, title="x")
    for number in range(1, rows):
        save_document(document_id=document.pk, user=alice, body=f"{number}", expected_revision=number)
    with django_assert_num_queries(4):  # the caller, the document, the plan, the versions
        api.get(f"/api/v1/documents/{document.pk}/versions")
