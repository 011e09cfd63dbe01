"""Saving a document's text: no save overwrites a text that its writer has not seen."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import User
from config.common import clock
from config.common.errors import Missing
from objects import quotas, read_only, text
from objects.cleaning import clean_body
from objects.errors import DocumentLocked, StaleSave
from objects.models import Document, DocumentVersion

Cause = DocumentVersion.Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A text on its way into a document, and whose it is."""

    body: str
    cause: DocumentVersion.Cause
    author: User | None = None
    agent_label: str = ""
    session_id: UUID | None = None
    turn_id: UUID | None = None
    base_number: int | None = None
    changes_kept: int | None = None
    changes_offered: int | None = None


def locked(document_id: UUID) -> Document:
    """Return the document, its row held until the transaction ends; raise Missing."""
    found = Document.objects.live().select_for_update(of=("self",)).filter(pk=document_id).first()
    if found is None:
        raise Missing("There is no such document.")
    return found


def locked_for(document_id: UUID, user: User) -> Document:
    """Return the held document when it is `user`'s; raise Missing otherwise."""
    if not Document.objects.editable_by(user).filter(pk=document_id).exists():
        raise Missing("There is no such document.")
    document = locked(document_id)
    if document.owner_id == user.pk:
        document.owner = user  # one reading of the plan's limits serves the whole request
    return document


def locked_to_edit(document_id: UUID, user: User) -> Document:
    """Return the held document when `user` may edit it; raise Missing, or ReadOnly beyond the plan."""
    document = locked_for(document_id, user)
    read_only.work_on(document.owner, document.project_id)
    return document


@transaction.atomic
def save_document(
    *,
    document_id: UUID,
    user: User,
    body: str,
    expected_revision: int,
    cause: DocumentVersion.Cause = Cause.SAVE,
) -> Document:
    """Save what a person typed over the revision they read, and return the document.

    Raises DocumentLocked while a session writes, StaleSave (with both texts) when the revision moved
    on, Refused when the plan does not allow the length, ReadOnly: nothing is changed then. An unchanged text
    makes no version; a deliberate save keeps the autosaved one.
    """
    body = clean_body(body)
    document = locked_to_edit(document_id, user)
    if document.lock_holder is not None:
        raise DocumentLocked(yours=body)
    head = document.current
    _require_revision(document, head, body, expected_revision)
    if body == head.body:
        if cause != Cause.AUTOSAVE:
            seal(head)
        return document
    quotas.require_words(document.owner, text.word_count(body), before=document.word_count)
    writing = Writing(body=body, cause=cause, author=user, base_number=head.number)
    if cause == Cause.AUTOSAVE and head.takes_autosave(author=user, at=clock.now()):
        return _write_over(document, head, writing)
    return write_new(document, writing)


@transaction.atomic
def record_agent_version(
    *,
    document_id: UUID,
    body: str,
    agent_label: str,
    session_id: UUID,
    turn_id: UUID,
    expected_revision: int,
) -> DocumentVersion:
    """Store what an agent wrote as a new version, always, and return it.

    The session must hold the document's lock (else DocumentLocked) and have read its present revision
    (else StaleSave). The plan does not bind here: the work is done and paid for.
    """
    body = clean_body(body)
    document = locked(document_id)
    if document.lock_holder != session_id:
        raise DocumentLocked
    _require_revision(document, document.current, body, expected_revision)
    read_only.note_work(document.owner, document.project_id)
    writing = Writing(
        body=body,
        cause=Cause.AGENT,
        agent_label=agent_label,
        session_id=session_id,
        turn_id=turn_id,
        base_number=document.current_number,
    )
    return write_new(document, writing, check_storage=False).current


@transaction.atomic
def restore_version(*, document_id: UUID, user: User, number: int) -> Document:
    """Make the text of version `number` the current one, as a new version; the later ones stay.

    Raises Missing for an unknown version, ReadOnly, and DocumentLocked while a session writes. Restoring the
    current text changes nothing.
    """
    document = locked_to_edit(document_id, user)
    if document.lock_holder is not None:
        raise DocumentLocked
    wanted = document.versions.filter(number=number).first()
    if wanted is None:
        raise Missing("There is no such version.")
    if wanted.body == document.body:
        return document
    quotas.require_words(document.owner, wanted.word_count, before=document.word_count)
    return write_new(
        document, Writing(body=wanted.body, cause=Cause.RESTORE, author=user, base_number=wanted.number)
    )


def seal(version: DocumentVersion) -> None:
    """Keep an autosaved version as it stands: later autosaves make their own."""
    if version.cause == Cause.AUTOSAVE:
        version.cause = Cause.SAVE
        version.save(update_fields=["cause"])


def first_version(document: Document, writing: Writing) -> DocumentVersion:
    """Store version 1 of a document that was just inserted."""
    return _insert(document, number=1, writing=writing)


def measure(document: Document, body: str) -> None:
    """Set what the document measures with this text; storage is counted where versions are written."""
    document.word_count = text.word_count(body)
    document.token_count = text.estimate_tokens(body)


def _require_revision(document: Document, head: DocumentVersion, body: str, expected: int) -> None:
    """Raise StaleSave unless the writer read the present text (`head`), or wrote the very same."""
    if document.revision != expected and head.body != body:
        raise StaleSave(yours=body, theirs=head.body, revision=document.revision, version=head.number)


def write_new(document: Document, writing: Writing, *, check_storage: bool = True) -> Document:
    """Add a version to a held document and make it current."""
    adding = text.size(writing.body)
    if check_storage:
        quotas.require_storage(document.owner, adding)
    document.current_number += 1
    _insert(document, number=document.current_number, writing=writing)
    return _moved_on(document, writing.body, adding)


def _write_over(document: Document, head: DocumentVersion, writing: Writing) -> Document:
    """Put an autosave into the autosaved head."""
    adding = text.size(writing.body) - text.size(head.body)
    quotas.require_storage(document.owner, adding)
    head.body, head.word_count = writing.body, text.word_count(writing.body)
    head.save(update_fields=["body", "word_count"])
    return _moved_on(document, writing.body, adding)


def _insert(document: Document, *, number: int, writing: Writing) -> DocumentVersion:
    """Insert a version row."""
    return DocumentVersion.objects.create(
        document=document,
        number=number,
        body=writing.body,
        word_count=text.word_count(writing.body),
        author=writing.author,
        agent_label=writing.agent_label,
        cause=writing.cause,
        session_id=writing.session_id,
        turn_id=writing.turn_id,
        base_number=writing.base_number,
        changes_kept=writing.changes_kept,
        changes_offered=writing.changes_offered,
        created_at=clock.now(),
    )


def _moved_on(document: Document, body: str, adding: int) -> Document:
    """Count one more revision and what the text measures now."""
    document.revision += 1
    document.storage_bytes += adding
    measure(document, body)
    document.save(
        update_fields=[
            "current_number",
            "revision",
            "word_count",
            "token_count",
            "storage_bytes",
            "updated_at",
        ]
    )
    return document
