"""The pages of projects and documents."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from objects.models import Document, DocumentVersion, Project
from objects.services import (
    archive_project,
    create_document,
    create_project,
    lock_document,
    save_document,
    trash_document,
)
from tests.objects import files
from tests.objects.plans import put_on


@pytest.fixture
def pages(alice: Any, client_for: Callable[[Any], Client]) -> Client:
    return client_for(alice)


@pytest.fixture
def document(alice: Any) -> Document:
    return create_document(owner=alice, title="Ledger", body="One two.")


def url(name: str, *args: Any) -> str:
    return reverse(f"objects:{name}", args=args)


def test_empty_pages_show_the_first_step(pages: Client) -> None:
    for name, step in (
        ("projects", "Name a project"),
        ("documents", "Bring a document"),
        ("trash", "The trash is empty"),
    ):
        assert step in pages.get(url(name)).content.decode()
    assert "Nothing is archived" in pages.get(url("projects") + "?archived=1").content.decode()


def test_a_project_is_made_edited_archived_and_restored(pages: Client, alice: Any) -> None:
    answer = pages.post(url("project_new"), {"title": "Harbour", "genre": "Literary"})
    project = Project.objects.get()
    assert answer["Location"] == url("project", project.pk)
    assert "No document yet" in pages.get(answer["Location"]).content.decode()
    pages.post(url("project_edit", project.pk), {"title": "Harbour stories"})
    project.refresh_from_db()
    assert (project.title, project.genre) == ("Harbour stories", "")
    pages.post(url("project_archive", project.pk))
    assert "Harbour stories" in pages.get(url("projects") + "?archived=1").content.decode()
    pages.post(url("project_restore", project.pk))
    project.refresh_from_db()
    assert project.archived_at is None


def test_a_refused_project_keeps_what_was_typed_and_names_the_plan(pages: Client, alice: Any) -> None:
    for title in ("a", "b"):
        create_project(owner=alice, fields={"title": title})
    answer = pages.post(url("project_new"), {"title": "Third", "synopsis": "A long one."})
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "Third" in text
    assert "A long one." in text
    assert "Starter" in text
    assert pages.post(url("project_new"), {"title": " "}).status_code == 422


def test_a_document_is_begun_by_typing_uploading_or_blank(pages: Client, alice: Any) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour"})
    new = url("document_new")
    pages.post(new, {"body": "# Sea\n\nText.", "project": str(project.pk)})
    pages.post(new, {"file": SimpleUploadedFile("My_story.docx", files.archive())})
    pages.post(new, {})
    assert sorted(Document.objects.values_list("title", "project__title")) == [
        ("My story", None), ("Sea", "Harbour"), ("Untitled", None),
    ]  # fmt: skip
    assert f'value="{project.pk}" selected' in pages.get(f"{new}?project={project.pk}").content.decode()


@pytest.mark.parametrize(
    ("file", "status", "words"),
    [
        (("a.txt", b"<svg/>"), 415, "not a text"),
        (("a.png", b"\x89PNG"), 415, "cannot be read here"),
        (("a.txt", b""), 422, "empty"),
        (("a.txt", b"x" * (5 * 2**20 + 1)), 403, "Starter"),
    ],
)
def test_a_bad_upload_loses_nothing_typed(pages: Client, file: Any, status: int, words: str) -> None:
    answer = pages.post(
        url("document_new"), {"body": "My dear text.", "title": "Mine", "file": SimpleUploadedFile(*file)}
    )
    text = answer.content.decode()
    assert answer.status_code in {status, 422}
    assert words in text
    assert "My dear text." in text
    assert 'value="Mine"' in text
    assert Document.objects.count() == 0


def test_the_desk_shows_and_saves_the_text(pages: Client, document: Document) -> None:
    text = pages.get(url("document", document.pk)).content.decode()
    assert "One two." in text
    assert f'data-url="/api/v1/documents/{document.pk}"' in text
    assert 'data-revision="1"' in text
    assert 'data-limit="3000"' in text
    answer = pages.post(
        url("document", document.pk), {"title": "The Ledger", "body": "One two three.", "revision": "1"}
    )
    assert answer.status_code == 302
    document.refresh_from_db()
    assert (document.title, document.body, document.revision) == ("The Ledger", "One two three.", 2)


def test_a_stale_save_shows_both_texts_and_the_chosen_one_is_a_merge(
    pages: Client, document: Document, alice: Any
) -> None:
    save_document(document_id=document.pk, user=alice, body="Theirs.", expected_revision=1)
    answer = pages.post(url("document", document.pk), {"title": "Ledger", "body": "Mine.", "revision": "1"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Mine." in text
    assert "Theirs." in text
    assert 'name="revision" value="2"' in text
    pages.post(
        url("document", document.pk),
        {"title": "Ledger", "body": "Mine and theirs.", "revision": "2", "merge": "1"},
    )
    document.refresh_from_db()
    assert (document.body, document.current.cause) == ("Mine and theirs.", "merge")


def test_a_locked_document_says_so_and_keeps_what_was_typed(pages: Client, document: Document) -> None:
    lock_document(document_id=document.pk, holder=uuid4())
    assert "Pause it to edit" in pages.get(url("document", document.pk)).content.decode()
    answer = pages.post(url("document", document.pk), {"title": "x", "body": "My text.", "revision": "1"})
    assert answer.status_code == 409
    assert "My text." in answer.content.decode()
    assert DocumentVersion.objects.count() == 1
    document.refresh_from_db()
    assert document.title == "Ledger"


def test_a_refused_save_is_shown_over_the_revision_it_was_typed_on(pages: Client, document: Document) -> None:
    answer = pages.post(
        url("document", document.pk), {"title": "Ledger", "body": "word " * 3001, "revision": "1"}
    )
    assert answer.status_code == 403
    assert 'name="revision" value="1"' in answer.content.decode()
    assert "Starter" in answer.content.decode()


def test_the_preview_is_safe(pages: Client, document: Document) -> None:
    answer = pages.post(
        url("document_preview", document.pk), {"body": "*now* <script>alert(1)</script>![x](//e)"}
    )
    assert answer.content.decode() == "<p><em>now</em> &lt;script&gt;alert(1)&lt;/script&gt;[x]</p>\n"


def test_moving_throwing_away_and_bringing_back(pages: Client, document: Document, alice: Any) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour"})
    pages.post(url("document_move", document.pk), {"project": str(project.pk)})
    document.refresh_from_db()
    assert document.project == project
    assert pages.post(url("document_trash", document.pk))["Location"] == url("project", project.pk)
    assert pages.get(url("document", document.pk)).status_code == 404
    assert "Ledger" in pages.get(url("trash")).content.decode()
    pages.post(url("document_restore", document.pk))
    assert pages.get(url("document", document.pk)).status_code == 200


def test_documents_are_found_by_title(pages: Client, document: Document, alice: Any) -> None:
    create_document(owner=alice, title="The Sea")
    text = pages.get(url("documents") + "?q=sea").content.decode()
    assert "The Sea" in text
    assert "Ledger" not in text
    assert "No title has" in pages.get(url("documents") + "?q=<b>").content.decode()


def test_versions_differences_and_restoring(pages: Client, document: Document, alice: Any) -> None:
    put_on(alice, "starter")
    save_document(document_id=document.pk, user=alice, body="One three, *new*.", expected_revision=1)
    listing = pages.get(url("versions", document.pk)).content.decode()
    assert "Version 2" in listing
    assert "(+1)" in listing
    assert "<em>new</em>" in pages.get(url("version", document.pk, 2)).content.decode()
    for view in ("", "?view=sides", "?from=2&to=1", "?from=1&to=1"):
        answer = pages.get(url("diff", document.pk) + view)
        assert answer.status_code == 200
    inline = pages.get(url("diff", document.pk)).content.decode()
    assert "<del>two</del><ins>three, *new*</ins>" in inline
    pages.post(url("version_restore", document.pk, 1))
    document.refresh_from_db()
    assert (document.body, document.current_number) == ("One two.", 3)
    for query in ("?from=9&to=1", "?from=x", f"?to={10**20}"):
        assert pages.get(url("diff", document.pk) + query).status_code == 404
    assert pages.get(url("version", document.pk, 99)).status_code == 404


def test_history_is_refused_with_the_plan_that_has_it(pages: Client, document: Document) -> None:
    for name in ("versions", "diff"):
        answer = pages.get(url(name, document.pk))
        assert answer.status_code == 403
        assert "Starter" in answer.content.decode()


PAGES = [
    ("get", "project", "project"),
    ("get", "project_edit", "project"),
    ("post", "project_edit", "project"),
    ("post", "project_archive", "project"),
    ("post", "project_restore", "project"),
    ("get", "document", "document"),
    ("post", "document", "document"),
    ("post", "document_preview", "document"),
    ("post", "document_move", "document"),
    ("post", "document_trash", "document"),
    ("post", "document_restore", "document"),
    ("get", "versions", "document"),
    ("get", "diff", "document"),
]


@pytest.mark.parametrize(("method", "name", "of"), PAGES)
def test_strangers_get_404_and_the_signed_out_sign_in(
    method: str, name: str, of: str, alice: Any, charlie: Any, document: Document, client_for: Any
) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour"})
    where = url(name, {"project": project, "document": document}[of].pk)
    body = {"title": "x", "body": "x", "revision": "1"}
    assert getattr(client_for(charlie), method)(where, body).status_code == 404
    out = getattr(client_for(None), method)(where, body)
    assert (out.status_code, out["Location"].split("?")[0]) == (302, reverse("account_login"))
    document.refresh_from_db()
    assert (document.title, document.body, document.deleted_at) == ("Ledger", "One two.", None)


def test_lists_show_nothing_of_others(alice: Any, charlie: Any, client_for: Any) -> None:
    project = create_project(owner=alice, fields={"title": "canary-project"})
    create_document(owner=alice, project=project, title="canary-document")
    lost = create_document(owner=alice, title="canary-trash")
    trash_document(document_id=lost.pk, user=alice)
    theirs = client_for(charlie)
    for name in ("projects", "documents", "trash", "document_new", "project_new"):
        assert "canary" not in theirs.get(url(name)).content.decode()
    mine = client_for(alice)
    archive_project(project_id=project.pk, user=alice)
    assert "canary" not in mine.get(url("documents")).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_database_the_same_however_long(
    pages: Client, alice: Any, rows: int, django_assert_num_queries: Any
) -> None:
    put_on(alice, "starter")
    for number in range(rows):
        create_project(owner=alice, fields={"title": f"p{number}"})
    project = Project.objects.filter(owner=alice).first()
    for number in range(rows):
        document = create_document(owner=alice, project=project, title=f"{number}", body="x")
    for number in range(1, rows):
        save_document(document_id=document.pk, user=alice, body=f"{number}", expected_revision=number)
    shell = 4  # the user, the wallet, the unread notices, the projects of the navigation
    for where, queries in (
        (url("projects"), shell + 6),
        (url("documents"), shell + 3),
        (url("project", project.pk), shell + 4),
        (url("versions", document.pk), shell + 4),
    ):
        pages.get(where)
        with django_assert_num_queries(queries):
            pages.get(where)


def choice(pages: Client, document: Document, keep: list[int], **fields: Any) -> Any:
    data = {"base": 1, "revision": document.revision, "keep": keep, **fields}
    return pages.post(url("version_choose", document.pk, 2), data)


@pytest.fixture
def proposed(document: Document, alice: Any) -> Document:
    put_on(alice, "starter")
    return save_document(document_id=document.pk, user=alice, body="Three two.\n\nFour.", expected_revision=1)


@pytest.mark.parametrize("view", ["", "?view=sides"])
def test_each_change_of_the_newest_version_can_be_kept_or_undone(
    pages: Client, proposed: Document, view: str
) -> None:
    page = pages.get(url("diff", proposed.pk) + view).content.decode()
    for number in (1, 2):
        assert page.count(f'name="keep" value="{number}" aria-label="Keep change {number}" checked') == 1
    assert "2 of 2 changes kept" in page
    assert 'name="revision" value="2"' in page


def test_the_choice_is_saved_without_a_script(pages: Client, proposed: Document) -> None:
    answer = choice(pages, proposed, [2])
    assert answer["Location"] == url("document", proposed.pk)
    proposed.refresh_from_db()
    assert (proposed.body, proposed.current.cause_text) == ("One two.\n\nFour.", "1 of 2 changes kept")
    assert "1 of 2 changes kept" in pages.get(url("versions", proposed.pk)).content.decode()
    assert "1 of 2 changes kept" in pages.get(url("version", proposed.pk, 3)).content.decode()


def test_keeping_all_changes_says_that_nothing_changed(pages: Client, proposed: Document) -> None:
    choice(pages, proposed, [1, 2])
    assert proposed.versions.count() == 2
    assert "the text stays as it is" in pages.get(url("document", proposed.pk)).content.decode()


def test_a_stale_choice_shows_both_texts(pages: Client, proposed: Document, alice: Any) -> None:
    save_document(document_id=proposed.pk, user=alice, body="Theirs.", expected_revision=2)
    answer = choice(pages, proposed, [1])
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Three two." in page
    assert "Theirs." in page
    assert 'name="revision" value="3"' in page


def test_a_locked_document_offers_no_choice_and_a_refused_one_is_kept(
    pages: Client, proposed: Document
) -> None:
    lock_document(document_id=proposed.pk, holder=uuid4())
    page = pages.get(url("diff", proposed.pk)).content.decode()
    assert 'name="keep"' not in page
    assert "Pause it to keep or undo" in page
    assert choice(pages, proposed, [1]).status_code == 409
    assert proposed.versions.count() == 2


def test_a_refused_choice_keeps_what_was_chosen(pages: Client, proposed: Document) -> None:
    answer = choice(pages, proposed, [1, 9])
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "there is no 9" in page
    assert 'aria-label="Keep change 1" checked' in page
    assert 'aria-label="Keep change 2">' in page


def test_a_difference_of_older_versions_is_only_read(pages: Client, proposed: Document, alice: Any) -> None:
    save_document(document_id=proposed.pk, user=alice, body="Last.", expected_revision=2)
    assert 'name="keep"' not in pages.get(url("diff", proposed.pk) + "?from=1&to=2").content.decode()
    assert 'name="keep"' in pages.get(url("diff", proposed.pk) + "?from=1&to=3").content.decode()
    assert 'name="keep"' not in pages.get(url("diff", proposed.pk) + "?from=3&to=1").content.decode()


@pytest.mark.parametrize("fields", [{"base": "x"}, {"revision": ""}, {"keep": ["1", "²"]}, {"base": "7"}])
def test_a_broken_choice_is_not_there(pages: Client, proposed: Document, fields: dict[str, Any]) -> None:
    assert choice(pages, proposed, **{"keep": [1], **fields}).status_code == 404
    assert proposed.versions.count() == 2
