"""Verbs on documents, besides saving their text."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import User
from accounts.services.avatars import writing_as
from billing import entitlements
from config.common import clock
from config.common.errors import Conflict, Missing
from objects import quotas, read_only, text
from objects.cleaning import clean_body, clean_title
from objects.errors import DocumentLocked
from objects.importing.intake import extract
from objects.importing.result import Extracted
from objects.models import Document, DocumentVersion, NarrativeObject, Project
from objects.services.saving import Writing, first_version, locked_for, locked_to_edit, measure

Cause = DocumentVersion.Cause

TRASH_DAYS = 30


@transaction.atomic
def create_document(
    *,
    owner: User,
    project: Project | None = None,
    title: str = "",
    body: str = "",
    cause: DocumentVersion.Cause = Cause.CREATED,
    bought_words: int = 0,
) -> Document:
    """Create a document with its first version.

    Without a title it takes its first heading's, else "Untitled". With `bought_words` it may have so many,
    whatever the plan carries. Raises Missing for a project that
    `owner` may not edit, Conflict for an archived one, ReadOnly for one beyond the plan, Refused when the
    plan has no room.
    """
    quotas.hold_still(owner)  # before the project's row, as a session does
    body = clean_body(body)
    title = clean_title(title or text.title_of(body) or "Untitled")
    project = _usable(project, owner)
    quotas.require_object(owner)
    quotas.require_words(owner, text.word_count(body), bought=bought_words)
    quotas.require_storage(owner, text.size(body))
    document = Document(
        owner=owner,
        avatar=writing_as(owner),
        project=project,
        kind=NarrativeObject.Kind.DOCUMENT,
        title=title,
        storage_bytes=text.size(body),
    )
    measure(document, body)
    document.save(force_insert=True)
    first_version(document, Writing(body=body, cause=cause, author=owner))
    return document


def import_document(
    *,
    owner: User,
    file: "UploadedFile[Any]",
    project: Project | None = None,
    title: str = "",
) -> tuple[Document, Extracted]:
    """Make a document of an uploaded TXT, MD, DOCX or PDF; return it and what the file held.

    Raises what `read_file` and `create_document` raise; nothing is stored then.
    """
    extracted = read_file(owner=owner, file=file)
    document = create_document(
        owner=owner,
        project=project,
        title=title or extracted.title,
        body=extracted.markdown,
        cause=Cause.IMPORTED,
    )
    return document, extracted


def read_file(*, owner: User, file: "UploadedFile[Any]") -> Extracted:
    """Return what an uploaded TXT, MD, DOCX or PDF holds; takes seconds, so in no lock. Nothing is stored.

    Raises Refused above the plan's file size, TooLarge, UnsupportedMedia or Invalid with what to do about the
    file.
    """
    size = file.size or 0
    entitlements.require(user=owner, limit="file_bytes", used=size, adding=0)
    return extract(name=file.name or "", stream=file, max_bytes=size)


@transaction.atomic
def rename_document(*, document_id: UUID, user: User, title: str) -> Document:
    """Give the document another title; raise Missing, ReadOnly or Invalid."""
    document = locked_to_edit(document_id, user)
    document.title = clean_title(title)
    document.save(update_fields=["title", "updated_at"])
    return document


@transaction.atomic
def move_document(*, document_id: UUID, user: User, project: Project | None) -> Document:
    """Move the document into `project`, or out of any with None; raise Missing, ReadOnly or Conflict."""
    document = locked_for(document_id, user)
    read_only.require_writable(document.owner, document.project_id)
    document.project = _usable(project, user)
    document.save(update_fields=["project", "updated_at"])
    return document


@transaction.atomic
def trash_document(*, document_id: UUID, user: User) -> Document:
    """Put the document in the trash for `TRASH_DAYS` days; raise DocumentLocked while a session writes.

    One in a project beyond the plan may go, too.
    """
    document = locked_for(document_id, user)
    if document.lock_holder is not None:
        raise DocumentLocked
    document.deleted_at = clock.now()
    document.save(update_fields=["deleted_at", "updated_at"])
    return document


@transaction.atomic
def restore_document(*, document_id: UUID, user: User) -> Document:
    """Bring the document back from the trash; raise Missing, or Refused when the plan has no room.

    It comes back to where it was, be that a project beyond the plan.
    """
    found = Document.objects.in_trash_of(user).select_for_update(of=("self",)).filter(pk=document_id).first()
    if found is None:
        raise Missing("There is no such document in your trash.")
    quotas.require_object(user)
    found.deleted_at = None
    found.save(update_fields=["deleted_at", "updated_at"])
    return found


def purge_trash() -> int:
    """Delete for good what has been in the trash for `TRASH_DAYS` days; return how many objects went."""
    due = NarrativeObject.objects.filter(deleted_at__lt=clock.now() - timedelta(days=TRASH_DAYS))
    return due.delete()[1].get(NarrativeObject._meta.label, 0)


def _usable(project: Project | None, user: User) -> Project | None:
    """Return the project as `user` may fill it, which is work on it; raise Missing, Conflict or ReadOnly."""
    if project is None:
        return None
    found = Project.objects.editable_by(user).filter(pk=project.pk).first()
    if found is None:
        raise Missing("There is no such project.")
    if found.is_archived:
        raise Conflict("This project is archived. Restore it to add to it.", details={"reason": "archived"})
    read_only.work_on(user, found.pk)
    return found
