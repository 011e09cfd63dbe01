"""Documents over the API."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from objects.models import Document, DocumentVersion
from objects.services import create_document, create_project, lock_document, trash_document
from tests.objects import files

URL = "/api/v1/documents"


@pytest.fixture
def api(alice: Any, api_for: Callable[[Any], APIClient]) -> APIClient:
    return api_for(alice)


@pytest.fixture
def document(alice: Any) -> Document:
    return create_document(owner=alice, title="Ledger", body="One two.")


def test_a_text_becomes_a_document(api: APIClient, alice: Any) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour"})
    answer = api.post(URL, {"body": "# The Sea\n\nText \x00here.", "project": str(project.pk)})
    assert answer.status_code == 201
    assert answer["ETag"] == '"r1"'
    data = answer.json()
    assert set(data) == {
        *("id", "title", "project", "avatar", "word_count", "token_count", "revision", "version", "locked"),
        *("is_read_only", "deleted_at", "created_at", "updated_at", "body", "left_out"),
    }
    assert (data["title"], data["body"], data["word_count"]) == ("The Sea", "# The Sea\n\nText here.", 4)
    assert (data["project"], data["revision"], data["version"], data["locked"]) == (
        str(project.pk),
        1,
        1,
        False,
    )


def test_a_file_becomes_a_document(api: APIClient) -> None:
    file = SimpleUploadedFile("My_story.docx", files.archive())
    answer = api.post(URL, {"file": file}, format="multipart")
    assert (answer.status_code, answer.json()["title"], answer.json()["body"]) == (201, "My story", "Hello")
    assert answer.json()["left_out"] == []


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.txt", b"<svg/>", 415, "unsupported_media_type"),
        ("a.txt", b"", 422, "invalid"),
        ("a.pdf", b"%PDF-1.7 broken", 422, "invalid"),
        ("a.txt", b"x" * (5 * 2**20 + 1), 403, "limit_reached"),
        ("a.txt", b"word " * 3001, 403, "limit_reached"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(
    api: APIClient, name: str, content: bytes, status: int, code: str
) -> None:
    answer = api.post(URL, {"file": SimpleUploadedFile(name, content)}, format="multipart")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert Document.objects.count() == 0


def test_saving_needs_the_tag_of_the_text_that_was_read(api: APIClient, document: Document) -> None:
    url = f"{URL}/{document.pk}"
    tag = api.get(url)["ETag"]
    without = api.patch(url, {"body": "x"})
    assert (without.status_code, without.json()["error"]["details"]["header"]) == (422, "If-Match")
    assert api.patch(url, {"body": "x"}, headers={"If-Match": "*"}).status_code == 422
    saved = api.patch(url, {"body": "Two three four."}, headers={"If-Match": tag})
    assert (saved.status_code, saved["ETag"], saved.json()["word_count"]) == (200, '"r2"', 3)
    stale = api.patch(url, {"body": "Mine.", "title": "Changed"}, headers={"If-Match": tag})
    assert stale.status_code == 409
    assert stale.json()["error"]["code"] == "conflict"
    assert stale.json()["error"]["details"] == {
        "reason": "stale", "yours": "Mine.", "theirs": "Two three four.", "revision": 2, "version": 2,
    }  # fmt: skip
    document.refresh_from_db()
    assert (document.title, document.body) == ("Ledger", "Two three four.")


def test_renaming_and_moving_need_no_tag(api: APIClient, document: Document, alice: Any) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour"})
    answer = api.patch(f"{URL}/{document.pk}", {"title": "New", "project": str(project.pk)})
    assert (answer.json()["title"], answer.json()["project"]) == ("New", str(project.pk))
    assert api.patch(f"{URL}/{document.pk}", {"project": None}).json()["project"] is None


def test_a_document_a_session_writes_is_not_saved(api: APIClient, document: Document) -> None:
    lock_document(document_id=document.pk, holder=uuid4())
    answer = api.patch(f"{URL}/{document.pk}", {"body": "x"}, headers={"If-Match": '"r1"'})
    assert answer.status_code == 409
    assert answer.json()["error"]["details"] == {"reason": "locked", "yours": "x"}
    assert api.get(f"{URL}/{document.pk}").json()["locked"] is True


def test_autosaves_over_the_api_share_a_version(api: APIClient, document: Document) -> None:
    for revision, body in ((1, "a"), (2, "ab")):
        tag = {"If-Match": f'"r{revision}"'}
        assert (
            api.patch(f"{URL}/{document.pk}", {"body": body, "cause": "autosave"}, headers=tag).status_code
            == 200
        )
    assert document.versions.count() == 2
    assert api.patch(f"{URL}/{document.pk}", {"body": "b", "cause": "agent"}).status_code == 422


def test_the_trash(api: APIClient, document: Document) -> None:
    assert api.delete(f"{URL}/{document.pk}").status_code == 204
    assert api.get(f"{URL}/{document.pk}").status_code == 404
    assert api.get(URL).json()["results"] == []
    assert [row["id"] for row in api.get(f"{URL}?trash=true").json()["results"]] == [str(document.pk)]
    assert api.post(f"{URL}/{document.pk}/restore").status_code == 200
    assert api.get(f"{URL}/{document.pk}").status_code == 200


def test_lists_filter_by_project_title_and_kind(api: APIClient, document: Document, alice: Any) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour"})
    create_document(owner=alice, project=project, title="The Café by the sea")
    for query, titles in (
        ("", ["The Café by the sea", "Ledger"]),
        ("?q=SEA%20the", ["The Café by the sea"]),
        ("?q=100%25", []),
        (f"?project={project.pk}", ["The Café by the sea"]),
        (f"?project={uuid4()}", []),
        ("?page_size=1", ["The Café by the sea"]),
    ):
        for url in (URL, "/api/v1/objects"):
            assert [row["title"] for row in api.get(url + query).json()["results"]] == titles
    first = api.get(f"{URL}?page_size=1").json()
    rest = api.get(f"{URL}?page_size=1&cursor={first['next']}").json()
    assert ([row["title"] for row in rest["results"]], rest["next"]) == (["Ledger"], None)
    assert len(api.get("/api/v1/objects?kind=document").json()["results"]) == 2
    assert api.get("/api/v1/objects?kind=spell").status_code == 422
    assert api.get(f"{URL}?project=x").status_code == 422
    assert api.get(f"/api/v1/objects/{document.pk}").json()["title"] == "Ledger"


def test_documents_of_an_archived_project_are_hidden_not_lost(api: APIClient, alice: Any) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour"})
    document = create_document(owner=alice, project=project, title="x")
    assert api.delete(f"/api/v1/projects/{project.pk}").status_code == 204
    assert api.get(URL).json()["results"] == []
    assert len(api.get(f"{URL}?project={project.pk}").json()["results"]) == 1
    assert api.get(f"{URL}/{document.pk}").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_database_the_same_however_long(
    api: APIClient, alice: Any, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        create_document(owner=alice, title=f"{number}")
    for url in (URL, "/api/v1/objects", "/api/v1/projects"):
        with django_assert_num_queries(3):  # the caller, the plan, the rows
            api.get(url)


def test_strangers_find_nothing(
    document: Document, alice: Any, charlie: Any, api_for: Callable[[Any], APIClient]
) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour"})
    api = api_for(charlie)
    tag = {"If-Match": '"r1"'}
    for method, url, body in (
        ("get", f"{URL}/{document.pk}", None),
        ("patch", f"{URL}/{document.pk}", {"body": "x"}),
        ("patch", f"{URL}/{document.pk}", {"title": "x"}),
        ("delete", f"{URL}/{document.pk}", None),
        ("post", f"{URL}/{document.pk}/restore", None),
        ("get", f"{URL}/{document.pk}/versions", None),
        ("get", f"{URL}/{document.pk}/versions/1", None),
        ("get", f"{URL}/{document.pk}/versions/1/diff?against=1", None),
        ("post", f"{URL}/{document.pk}/versions/1/restore", None),
        ("get", f"/api/v1/objects/{document.pk}", None),
        ("get", f"/api/v1/projects/{project.pk}", None),
        ("patch", f"/api/v1/projects/{project.pk}", {"title": "x"}),
        ("delete", f"/api/v1/projects/{project.pk}", None),
        ("post", f"/api/v1/projects/{project.pk}/restore", None),
    ):
        answer = getattr(api, method)(url, body, headers=tag)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), (method, url)
    for url in (URL, "/api/v1/objects", "/api/v1/projects", f"{URL}?project={project.pk}", f"{URL}?trash=1"):
        assert api.get(url).json()["results"] == []
        assert api_for(None).get(url).status_code == 401
    document.refresh_from_db()
    assert (document.title, document.body, document.revision) == ("Ledger", "One two.", 1)


def test_anothers_project_is_unknown_in_every_body(
    document: Document, alice: Any, charlie: Any, api_for: Callable[[Any], APIClient]
) -> None:
    theirs = create_project(owner=charlie, fields={"title": "Theirs"})
    api = api_for(alice)
    answers = (
        api.post(URL, {"body": "x", "project": str(theirs.pk)}),
        api.patch(f"{URL}/{document.pk}", {"project": str(theirs.pk)}),
        api.post(
            URL, {"file": SimpleUploadedFile("a.txt", b"x"), "project": str(theirs.pk)}, format="multipart"
        ),
    )
    for answer in answers:
        assert answer.status_code == 422
        assert list(answer.json()["error"]["details"]["fields"]) == ["project"]
    assert Document.objects.filter(project__isnull=False).count() == 0


def test_no_field_of_the_model_can_be_assigned(
    document: Document, alice: Any, charlie: Any, api_for: Callable[[Any], APIClient]
) -> None:
    before = Document.objects.values().get(pk=document.pk)
    names = {field.attname for field in Document._meta.get_fields() if hasattr(field, "attname")}
    names |= {"owner", "kind", "version"}
    body = {name: str(charlie.pk) for name in names - {"title", "project_id", "project", "body"}}
    assert api_for(alice).patch(f"{URL}/{document.pk}", body).status_code == 200
    after = Document.objects.values().get(pk=document.pk)
    assert after == before
    api_for(alice).post(URL, {**body, "title": "x"})
    assert Document.objects.filter(owner=charlie).count() == 0


def test_a_trashed_documents_versions_are_gone_too(api: APIClient, alice: Any, document: Document) -> None:
    trash_document(document_id=document.pk, user=alice)
    assert api.get(f"{URL}/{document.pk}/versions").status_code == 404
    assert DocumentVersion.objects.count() == 1
