"""What exceeds a smaller plan: read, archived, thrown away; not changed; and back at once (B04, F05)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.services.avatars import activate_avatar, add_avatar, switchable, writing_as
from billing import entitlements
from billing.models import PlanTerms, Subscription
from config.common import clock
from config.common.errors import Missing, Refused
from objects import read_only
from objects.errors import ReadOnly
from objects.models import Document, DocumentVersion, Project
from objects.services import (
    archive_project,
    choose_changes,
    create_document,
    create_project,
    import_document,
    lock_document,
    move_document,
    record_agent_version,
    rename_document,
    restore_document,
    restore_project,
    restore_version,
    save_document,
    trash_document,
    unlock_document,
    update_project,
)
from tests.objects.plans import put_on

FREE = 2
"""Projects that the free plan of the test catalogue carries."""


def fall(user: Any) -> None:
    """Let the plan of `user` end now: nothing else happens, and no sweep has come yet."""
    ended = clock.now() - timedelta(seconds=1)
    Subscription.objects.current().filter(user=user).update(
        ends_at=ended, started_at=clock.now() - timedelta(days=3)
    )
    entitlements.forget(user)


def rise(user: Any) -> None:
    """Give `user` a larger plan."""
    put_on(user, "pro")
    entitlements.forget(user)


@pytest.fixture
def many(alice: Any) -> list[Project]:
    """Four projects with a document each, made on a larger plan and last worked on in this order."""
    rise(alice)
    made = [create_project(owner=alice, fields={"title": f"Book {n}"}) for n in range(4)]
    for project in made:
        create_document(owner=alice, project=project, title=f"Text of {project.title}", body="One two.")
    return made


def text_of(project: Project) -> Document:
    return Document.objects.get(project=project)


def closed(user: Any) -> set[str]:
    """The titles of the projects that are read-only; the lists and the guard say the same."""
    entitlements.forget(user)
    rows = list(read_only.mark_projects(Project.objects.visible_to(user), user))
    for row in rows:
        assert row.is_read_only == (read_only.refusal_for(user, row.pk) is not None)
        kept = read_only.mark_contents(Document.objects.filter(project=row), user)
        assert {document.is_read_only for document in kept} <= {row.is_read_only}
    return {row.title for row in rows if row.is_read_only}


@pytest.mark.parametrize(
    ("count", "beyond"),
    [(FREE - 1, set()), (FREE, set()), (FREE + 1, {"Book 0"}), (FREE + 2, {"Book 0", "Book 1"})],
    ids=["under", "at", "over", "far over"],
)
def test_the_projects_last_worked_on_stay_writable(alice: Any, many: Any, count: int, beyond: Any) -> None:
    Project.objects.exclude(pk__in=[project.pk for project in many[:count]]).delete()
    assert closed(alice) == set()
    fall(alice)
    assert closed(alice) == beyond
    rise(alice)
    assert closed(alice) == set()


def test_the_set_stays_whatever_is_done_in_it(alice: Any, many: Any) -> None:
    fall(alice)
    for project in (many[3], many[2], many[3]):
        document = text_of(project)
        save_document(
            document_id=document.pk,
            user=alice,
            body=f"{document.body} more",
            expected_revision=document.revision,
        )
        assert closed(alice) == {"Book 0", "Book 1"}
    trash_document(document_id=text_of(many[0]).pk, user=alice)
    assert closed(alice) == {"Book 0", "Book 1"}, "throwing away is no work"
    restore_document(document_id=text_of(many[0]).pk, user=alice)
    assert closed(alice) == {"Book 0", "Book 1"}


def test_archiving_one_lets_the_next_in_and_no_archived_one_takes_its_place(alice: Any, many: Any) -> None:
    fall(alice)
    archive_project(project_id=many[0].pk, user=alice)
    assert closed(alice) == {"Book 0", "Book 1"}, "what is archived is not writable for that"
    archive_project(project_id=many[3].pk, user=alice)
    assert closed(alice) == {"Book 0", "Book 3"}
    with pytest.raises(Refused):
        restore_project(project_id=many[0].pk, user=alice)
    many[1].delete()
    assert closed(alice) == {"Book 0"}
    restore_project(project_id=many[0].pk, user=alice)
    assert closed(alice) == {"Book 3"}


def test_archiving_everything_opens_no_more_than_the_plan_carries(alice: Any, many: Any) -> None:
    fall(alice)
    for project in many:
        archive_project(project_id=project.pk, user=alice)
    assert closed(alice) == {"Book 0", "Book 1"}


def test_what_is_worked_on_moves_up_before_the_fall(alice: Any, many: Any) -> None:
    rename_document(document_id=text_of(many[0]).pk, user=alice, title="Chapter")
    update_project(project_id=many[1].pk, user=alice, fields={"genre": "Essay"})
    fall(alice)
    assert closed(alice) == {"Book 2", "Book 3"}


def test_what_agents_write_counts_as_work_only_where_the_plan_lets_them(alice: Any, many: Any) -> None:
    document = text_of(many[0])
    holder = lock_document(document_id=document.pk, holder=many[0].pk).lock_holder
    fall(alice)
    record_agent_version(
        document_id=document.pk, body="Agents wrote.", agent_label="Writer", session_id=holder,
        turn_id=holder, expected_revision=1,
    )  # fmt: skip
    unlock_document(document_id=document.pk, holder=holder)
    assert text_of(many[0]).body == "Agents wrote.", "work that was under way is kept"
    assert closed(alice) == {"Book 0", "Book 1"}
    rise(alice)
    lock_document(document_id=document.pk, holder=holder)
    record_agent_version(
        document_id=document.pk, body="Agents wrote more.", agent_label="Writer", session_id=holder,
        turn_id=holder, expected_revision=2,
    )  # fmt: skip
    fall(alice)
    assert closed(alice) == {"Book 1", "Book 2"}


def acts(alice: Any, project: Project, elsewhere: Project) -> dict[str, Callable[[], Any]]:
    """Everything that would change a project or what is in it."""
    document = text_of(project)
    other = text_of(elsewhere)
    return {
        "project": lambda: update_project(project_id=project.pk, user=alice, fields={"title": "Other"}),
        "create": lambda: create_document(owner=alice, project=project, body="New."),
        "import": lambda: import_document(
            owner=alice, project=project, file=SimpleUploadedFile("a.txt", b"New.")
        ),
        "move in": lambda: move_document(document_id=other.pk, user=alice, project=project),
        "move out": lambda: move_document(document_id=document.pk, user=alice, project=None),
        "rename": lambda: rename_document(document_id=document.pk, user=alice, title="Other"),
        "save": lambda: save_document(
            document_id=document.pk, user=alice, body="Other.", expected_revision=document.revision
        ),
        "autosave": lambda: save_document(
            document_id=document.pk,
            user=alice,
            body="Other.",
            expected_revision=document.revision,
            cause=DocumentVersion.Cause.AUTOSAVE,
        ),
        "restore": lambda: restore_version(document_id=document.pk, user=alice, number=1),
        "choose": lambda: choose_changes(
            document_id=document.pk,
            user=alice,
            base=1,
            proposed=2,
            accepted=[],
            expected_revision=document.revision,
        ),
    }


ACTS = (
    "project",
    "create",
    "import",
    "move in",
    "move out",
    "rename",
    "save",
    "autosave",
    "restore",
    "choose",
)


@pytest.mark.parametrize("act", ACTS)
def test_nothing_in_a_read_only_project_changes(alice: Any, many: Any, act: str) -> None:
    document = text_of(many[0])
    save_document(document_id=document.pk, user=alice, body="One two three.", expected_revision=1)
    for project in many[1:]:
        update_project(project_id=project.pk, user=alice, fields={"genre": "Essay"})
    doing = acts(alice, many[0], many[3])
    assert set(doing) == set(ACTS)
    fall(alice)
    before = everything()
    with pytest.raises(ReadOnly) as refused:
        doing[act]()
    assert everything() == before
    assert (refused.value.status, refused.value.code) == (403, "limit_reached")
    assert refused.value.details == {
        "limit": "projects",
        "used": 4,
        "allowed": FREE,
        "resets_at": None,
        "your_plan": "free",
        "plan": {"code": "starter", "name": "Starter", "price_usd_cents": 2900},
        "reason": "read_only",
    }
    assert refused.value.message.startswith("“Book 0” is read-only")
    rise(alice)
    doing[act]()
    assert everything() != before


def everything() -> list[Any]:
    """All that projects and documents are, down to the order of work."""
    return [
        list(Project.objects.order_by("pk").values()),
        list(Document.objects.order_by("pk").values()),
        list(DocumentVersion.objects.order_by("document", "number").values()),
    ]


def test_a_read_only_project_is_read_archived_and_emptied(alice: Any, many: Any, pages: Client) -> None:
    fall(alice)
    document = text_of(many[0])
    assert pages.get(f"/documents/{document.pk}/").status_code == 200
    trash_document(document_id=document.pk, user=alice)
    archive_project(project_id=many[0].pk, user=alice)
    assert not Document.objects.visible_to(alice).filter(pk=document.pk).exists()


def test_documents_in_no_project_stay_writable(alice: Any, many: Any) -> None:
    loose = create_document(owner=alice, body="One.")
    fall(alice)
    assert save_document(document_id=loose.pk, user=alice, body="Two.", expected_revision=1).revision == 2
    [row] = read_only.mark_contents(Document.objects.filter(pk=loose.pk), alice)
    assert row.is_read_only is False


def test_a_plan_without_projects_leaves_all_of_them_readable_only(alice: Any, many: Any) -> None:
    fall(alice)
    terms = PlanTerms.objects.free()
    assert terms is not None
    terms.limits_json = {**terms.limits_json, "projects": 0}
    terms.save()
    assert len(closed(alice)) == 4
    with pytest.raises(ReadOnly) as refused:
        update_project(project_id=many[3].pk, user=alice, fields={"title": "x"})
    assert refused.value.code == "plan_required"


def test_a_plan_without_end_has_nothing_read_only(alice: Any, many: Any) -> None:
    put_on(alice, "enterprise")
    assert closed(alice) == set()


def test_a_stranger_finds_nothing_read_only_or_not(alice: Any, charlie: Any, many: Any) -> None:
    fall(alice)
    for project in (many[0], many[3]):
        document = text_of(project)
        with pytest.raises(Missing):
            update_project(project_id=project.pk, user=charlie, fields={"title": "mine"})
        with pytest.raises(Missing):
            create_document(owner=charlie, project=project, body="mine")
        with pytest.raises(Missing):
            save_document(document_id=document.pk, user=charlie, body="mine", expected_revision=1)


@pytest.mark.parametrize(
    ("words", "refused"), [(2999, False), (3000, False), (3400, False), (3500, False), (3501, True)]
)
def test_a_long_document_may_change_and_not_grow(alice: Any, words: int, refused: bool) -> None:
    rise(alice)
    document = create_document(owner=alice, body="word " * 3500)
    fall(alice)
    save = lambda: save_document(  # noqa: E731
        document_id=document.pk, user=alice, body="other " * words, expected_revision=1
    )
    if not refused:
        assert save().word_count == words
        return
    with pytest.raises(Refused) as no:
        save()
    assert (no.value.code, no.value.details["limit"], no.value.details["used"]) == (
        "limit_reached",
        "words_per_document",
        3501,
    )
    rise(alice)
    assert save().word_count == words


@pytest.mark.parametrize(("limit", "value"), [("objects", 1), ("storage_bytes", 10)])
def test_beyond_the_count_or_the_bytes_nothing_new_comes(alice: Any, limit: str, value: int) -> None:
    rise(alice)
    first, second = (create_document(owner=alice, body="One two three.") for _ in range(2))
    free = PlanTerms.objects.free()
    assert free is not None
    free.limits_json = {**free.limits_json, limit: value}
    free.save()
    fall(alice)
    with pytest.raises(Refused) as refused:
        create_document(owner=alice, body="Four.")
    assert (refused.value.code, refused.value.details["limit"]) == ("limit_reached", limit)
    assert Document.objects.visible_to(alice).count() == 2
    trash_document(document_id=second.pk, user=alice)
    if limit == "objects":
        with pytest.raises(Refused):
            restore_document(document_id=second.pk, user=alice)
        assert save_document(document_id=first.pk, user=alice, body="Two.", expected_revision=1).revision == 2
    else:
        with pytest.raises(Refused):
            save_document(document_id=first.pk, user=alice, body="Two.", expected_revision=1)
    rise(alice)
    assert create_document(owner=alice, body="Four.").pk


@pytest.fixture
def pages(alice: Any, client_for: Callable[[Any], Client]) -> Client:
    return client_for(alice)


@pytest.fixture
def api(alice: Any, api_for: Callable[[Any], APIClient]) -> APIClient:
    return api_for(alice)


def test_the_api_says_which_are_read_only_and_why(
    alice: Any, charlie: Any, many: Any, api: APIClient, api_for: Any
) -> None:
    fall(alice)
    listed = api.get("/api/v1/projects").json()["results"]
    assert {row["title"]: row["is_read_only"] for row in listed} == {
        "Book 0": True,
        "Book 1": True,
        "Book 2": False,
        "Book 3": False,
    }
    document = text_of(many[0])
    for path in ("documents", "objects"):
        rows = api.get(f"/api/v1/{path}").json()["results"]
        assert {row["id"] for row in rows if row["is_read_only"]} == {
            str(text_of(many[0]).pk),
            str(text_of(many[1]).pk),
        }
        assert api.get(f"/api/v1/{path}/{document.pk}").json()["is_read_only"] is True
    assert api.get(f"/api/v1/projects/{many[0].pk}").json()["is_read_only"] is True
    answer = api.patch(f"/api/v1/documents/{document.pk}", {"body": "x"}, format="json", HTTP_IF_MATCH='"r1"')
    assert answer.status_code == 403
    error = answer.json()["error"]
    assert (error["code"], error["details"]["limit"], error["details"]["plan"]["code"]) == (
        "limit_reached",
        "projects",
        "starter",
    )
    assert api.patch(f"/api/v1/projects/{many[0].pk}", {"title": "x"}, format="json").status_code == 403
    new = api.post("/api/v1/documents", {"body": "x", "project": str(many[0].pk)}, format="json")
    assert new.status_code == 403
    saved = api.patch(f"/api/v1/projects/{many[3].pk}", {"title": "x"}, format="json")
    assert saved.json()["is_read_only"] is False
    assert api.delete(f"/api/v1/documents/{document.pk}").status_code == 204
    back = api.post(f"/api/v1/documents/{document.pk}/restore")
    assert (back.status_code, back.json()["is_read_only"]) == (200, True)
    stranger = api_for(charlie)
    assert stranger.get(f"/api/v1/projects/{many[0].pk}").status_code == 404
    assert (
        stranger.patch(f"/api/v1/documents/{document.pk}", {"title": "x"}, format="json").status_code == 404
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_once_however_many_are_read_only(
    alice: Any, api: APIClient, pages: Client, rows: int, django_assert_num_queries: Any
) -> None:
    rise(alice)
    for number in range(FREE + rows):
        project = create_project(owner=alice, fields={"title": f"Book {number}"})
        create_document(owner=alice, project=project, body="One.")
    fall(alice)
    for path in ("projects", "documents", "objects"):
        with django_assert_num_queries(4):  # the caller, the plan and the free one's terms, the rows
            found = api.get(f"/api/v1/{path}").json()["results"]
        assert sum(row["is_read_only"] for row in found) == rows


def test_pages_say_why_and_offer_the_plan(alice: Any, many: Any, pages: Client) -> None:
    fall(alice)
    project, document = many[0], text_of(many[0])
    listed = pages.get("/projects/").content.decode()
    assert listed.count(">read-only</span>") == 2
    assert pages.get("/documents/").content.decode().count(">read-only</span>") == 2
    for path in (f"/projects/{project.pk}/", f"/projects/{project.pk}/edit/", f"/documents/{document.pk}/"):
        page = pages.get(path).content.decode()
        assert page.count("data-read-only") == 1, path
        assert page.count('form="choose" name="plan" value="starter"') == 1, path
        assert "“Book 0” is read-only" in page
    desk = pages.get(f"/documents/{document.pk}/").content.decode()
    assert "data-autosave" not in desk
    assert len(re.findall(r'id="editor-(?:title|body)"[^>]* readonly', desk)) == 2
    assert "Save now" not in desk
    assert f"?document={document.pk}" not in desk
    assert "/move/" not in desk
    assert "New document" not in pages.get(f"/projects/{project.pk}/").content.decode()
    assert f'value="{project.pk}"' not in pages.get("/documents/new/").content.decode()
    refused = pages.post(f"/documents/{document.pk}/", {"body": "Typed.", "revision": "1"})
    assert refused.status_code == 403
    assert "Typed." in refused.content.decode(), "what was typed is kept on the page"
    assert pages.post(f"/projects/{project.pk}/edit/", {"title": "x"}).status_code == 403
    rise(alice)
    assert "data-read-only" not in pages.get(f"/documents/{document.pk}/").content.decode()


def test_a_long_document_says_that_it_cannot_grow(alice: Any, pages: Client) -> None:
    rise(alice)
    document = create_document(owner=alice, body="word " * 3500)
    fall(alice)
    page = pages.get(f"/documents/{document.pk}/").content.decode()
    assert "Longer than your plan allows" in page
    assert "data-autosave" in page


def test_a_version_of_a_read_only_document_is_read_and_not_restored(
    alice: Any, many: Any, pages: Client
) -> None:
    document = text_of(many[0])
    save_document(document_id=document.pk, user=alice, body="One.", expected_revision=1)
    put_on(alice, "pro")
    terms = PlanTerms.objects.get(subscriptions__user=alice, subscriptions__ended_at=None)
    terms.limits_json = {**terms.limits_json, "projects": 0}
    terms.save()
    entitlements.forget(alice)
    page = pages.get(f"/documents/{document.pk}/versions/1/").content.decode()
    assert "Restore this version" not in page
    assert "data-choose" not in pages.get(f"/documents/{document.pk}/diff/").content.decode()


def test_avatars_beyond_the_plan_wait(alice: Any) -> None:
    rise(alice)
    most = entitlements.limits_for(alice).avatar_creations
    others = [add_avatar(user=alice, display_name=f"Voice {n}") for n in range(2)]
    activate_avatar(user=alice, avatar_id=others[1].pk)
    assert (writing_as(alice), len(switchable(alice))) == (others[1], 3)
    assert most is None or most >= 3
    terms = PlanTerms.objects.get(subscriptions__user=alice, subscriptions__ended_at=None)
    terms.limits_json = {**terms.limits_json, "avatar_creations": 2}
    terms.save()
    entitlements.forget(alice)
    assert [avatar.display_name for avatar in switchable(alice)][1:] == ["Voice 0"]
    assert writing_as(alice).is_primary
    with pytest.raises(Refused):
        activate_avatar(user=alice, avatar_id=others[1].pk)
    assert activate_avatar(user=alice, avatar_id=others[0].pk) == others[0]
    fall(alice)
    assert switchable(alice) == []
    assert writing_as(alice).is_primary
    assert alice.avatars.count() == 3
