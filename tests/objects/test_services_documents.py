"""Documents: created, imported, renamed, moved, thrown away and brought back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from config.common.errors import Conflict, Invalid, Missing, Refused, UnsupportedMedia
from objects.models import Document, DocumentVersion, NarrativeObject
from objects.services import (
    archive_project,
    create_document,
    create_project,
    import_document,
    move_document,
    purge_trash,
    rename_document,
    restore_document,
    trash_document,
)
from tests.objects import files


def test_a_new_document_measures_itself_and_belongs_to_the_primary_avatar(alice: Any) -> None:
    document = create_document(owner=alice, body="# The Sea\n\nOne two three.")
    assert (document.title, document.word_count, document.token_count) == ("The Sea", 5, 8)
    assert (document.kind, document.visibility, document.revision) == ("document", "private", 1)
    assert document.avatar == alice.avatars.get()
    assert document.current.cause == DocumentVersion.Cause.CREATED
    assert document.storage_bytes == 25


def test_a_blank_document_is_untitled(alice: Any) -> None:
    assert create_document(owner=alice).title == "Untitled"


def test_a_document_goes_only_into_ones_own_open_project(alice: Any, charlie: Any) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour"})
    with pytest.raises(Missing):
        create_document(owner=charlie, project=project, title="x")
    archive_project(project_id=project.pk, user=alice)
    with pytest.raises(Conflict):
        create_document(owner=alice, project=project, title="x")
    document = create_document(owner=charlie, title="x")
    with pytest.raises(Missing):
        move_document(document_id=document.pk, user=charlie, project=project)
    assert Document.objects.filter(project__isnull=False).count() == 0


def test_moving_and_renaming(alice: Any, charlie: Any) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour"})
    document = create_document(owner=alice, title="x")
    assert move_document(document_id=document.pk, user=alice, project=project).project == project
    assert move_document(document_id=document.pk, user=alice, project=None).project is None
    assert rename_document(document_id=document.pk, user=alice, title=" The\n Sea ").title == "The Sea"
    with pytest.raises(Invalid) as refused:
        rename_document(document_id=document.pk, user=alice, title="\x00 ")
    assert list(refused.value.details["fields"]) == ["title"]
    with pytest.raises(Missing):
        rename_document(document_id=document.pk, user=charlie, title="Mine")


def test_the_trash_keeps_for_thirty_days(alice: Any, charlie: Any) -> None:
    document = create_document(owner=alice, title="x")
    trash_document(document_id=document.pk, user=alice)
    assert not Document.objects.visible_to(alice).exists()
    assert not Document.objects.in_trash_of(charlie).exists()
    with pytest.raises(Missing):
        restore_document(document_id=document.pk, user=charlie)
    restore_document(document_id=document.pk, user=alice)
    assert Document.objects.visible_to(alice).get() == document
    with pytest.raises(Missing):
        restore_document(document_id=document.pk, user=alice)
    trash_document(document_id=document.pk, user=alice)
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        assert purge_trash() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert purge_trash() == 1
    assert NarrativeObject.objects.count() == 0


def test_the_plan_bounds_how_many_objects_there_are(alice: Any) -> None:
    NarrativeObject.objects.bulk_create(
        NarrativeObject(owner=alice, kind="document", title=f"{number}") for number in range(100)
    )
    with pytest.raises(Refused) as refused:
        create_document(owner=alice, title="one more")
    assert (refused.value.code, refused.value.details["limit"]) == ("limit_reached", "objects")
    NarrativeObject.objects.filter(title="0").update(deleted_at=timezone.now())
    create_document(owner=alice, title="one more")


def test_the_plan_bounds_storage(alice: Any) -> None:
    create_document(owner=alice, title="x", body="y")
    NarrativeObject.objects.update(storage_bytes=2**30 - 3)
    with pytest.raises(Refused) as refused:
        create_document(owner=alice, title="x", body="four")
    assert refused.value.details["limit"] == "storage_bytes"


def test_an_upload_becomes_a_document(alice: Any) -> None:
    file = SimpleUploadedFile("../My_story.docx", files.archive(main=files.document_xml("Once upon a time.")))
    document, extracted = import_document(owner=alice, file=file)
    assert (document.title, document.body) == ("My story", "Once upon a time.")
    assert document.current.cause == DocumentVersion.Cause.IMPORTED
    assert extracted.words == 4


def test_a_bad_upload_stores_nothing(alice: Any) -> None:
    with pytest.raises(UnsupportedMedia):
        import_document(owner=alice, file=SimpleUploadedFile("a.txt", b"<svg/>"))
    with pytest.raises(Refused) as refused:
        import_document(owner=alice, file=SimpleUploadedFile("a.txt", b"x" * (5 * 2**20 + 1)))
    assert refused.value.details["limit"] == "file_bytes"
    with pytest.raises(Refused) as refused:
        import_document(owner=alice, file=SimpleUploadedFile("a.txt", b"word " * 3001))
    assert refused.value.details["limit"] == "words_per_document"
    assert Document.objects.count() == 0
