"""What the database refuses, whatever the code does."""

import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from objects.models import Document, DocumentVersion, NarrativeObject, Project
from objects.services import create_document, create_project, save_document
from tests.objects.soundness import broken


@pytest.fixture
def document(alice: Any) -> Document:
    return create_document(owner=alice, title="Ledger", body="One two.")


@pytest.mark.parametrize(
    ("model", "changes", "name"),
    [
        (NarrativeObject, {"kind": "spell"}, "objects_narrativeobject_kind_known"),
        (NarrativeObject, {"visibility": "public"}, "objects_narrativeobject_visibility_known"),
        (NarrativeObject, {"title": ""}, "objects_narrativeobject_title_given"),
        (NarrativeObject, {"token_count": -1}, "objects_narrativeobject_token"),
        (NarrativeObject, {"storage_bytes": -1}, "objects_narrativeobject_(storage_)?bytes"),
        (Document, {"revision": 0}, "objects_document_revision"),
        (Document, {"current_number": 0}, "objects_document_"),
        (Document, {"word_count": -1}, "objects_document_word"),
        (Document, {"revision": 1, "current_number": 2}, "objects_document_revision_not_behind_number"),
        (DocumentVersion, {"cause": "magic"}, "objects_documentversion_cause_known"),
        (DocumentVersion, {"cause": "agent"}, "objects_documentversion_agent_or_human"),
        (DocumentVersion, {"agent_label": "Writer"}, "objects_documentversion_agent_or_human"),
        (DocumentVersion, {"session_id": uuid.uuid4()}, "objects_documentversion_agent_or_human"),
        (DocumentVersion, {"number": 2}, "objects_documentversion_base_is_earlier"),
        (DocumentVersion, {"base_number": 1}, "objects_documentversion_base_is_earlier"),
        (DocumentVersion, {"word_count": -1}, "objects_documentversion_word"),
        (DocumentVersion, {"cause": "choice"}, "objects_documentversion_choice_counted"),
        (
            DocumentVersion,
            {"changes_kept": 0, "changes_offered": 1},
            "objects_documentversion_choice_counted",
        ),
        (
            DocumentVersion,
            {"cause": "choice", "changes_kept": 2, "changes_offered": 2},
            "objects_documentversion_choice_counted",
        ),
    ],
)
def test_broken_rows_are_refused(document: Document, model: Any, changes: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.update(**changes)


def test_a_project_needs_a_title(alice: Any) -> None:
    with pytest.raises(IntegrityError, match="objects_project_title_given"), transaction.atomic():
        Project.objects.create(owner=alice, title="")


def test_two_versions_of_one_number_are_refused(document: Document) -> None:
    with pytest.raises(IntegrityError, match="objects_documentversion_number_unique"), transaction.atomic():
        DocumentVersion.objects.create(
            document=document, number=1, word_count=0, cause="created", created_at=timezone.now()
        )


@pytest.mark.django_db(transaction=True)
def test_the_current_version_must_exist(alice: Any) -> None:
    document = create_document(owner=alice, title="Ledger", body="One two.")
    with pytest.raises(IntegrityError, match="objects_document_current_version_exists"):
        document.versions.all().delete()
    with pytest.raises(IntegrityError, match="objects_document_current_version_exists"):
        Document.objects.filter(pk=document.pk).update(current_number=2, revision=2)
    assert broken() == []


def test_verify_ledger_sees_each_planted_defect_of_a_document(document: Document, alice: Any) -> None:
    """I32."""
    save_document(document_id=document.pk, user=alice, body="Three words now.", expected_revision=1)
    assert broken() == []
    for model, changes in (
        (Document, {"current_number": 1}),
        (Document, {"word_count": 9}),
        (NarrativeObject, {"storage_bytes": 1}),
    ):
        with transaction.atomic():
            model.objects.filter(pk=document.pk).update(**changes)
            found = broken()
            assert found
            assert all(str(document.pk) in place for place in found)
            with pytest.raises(CommandError, match="I32 is broken"):
                call_command("verify_ledger", stdout=StringIO())
            transaction.set_rollback(True)
    call_command("verify_ledger", stdout=StringIO())


def test_a_project_that_goes_leaves_its_documents(alice: Any) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour stories"})
    document = create_document(owner=alice, project=project, title="Ledger")
    project.delete()
    document.refresh_from_db()
    assert document.project is None


def test_everything_goes_with_its_owner(document: Document, alice: Any) -> None:
    create_project(owner=alice, fields={"title": "Harbour stories"})
    Project.objects.filter(owner=alice).delete()
    NarrativeObject.objects.filter(owner=alice).delete()
    assert (Document.objects.count(), DocumentVersion.objects.count(), Project.objects.count()) == (0, 0, 0)
