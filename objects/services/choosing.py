"""Taking some changes of a proposed version over, and leaving the others."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from accounts.models import User
from config.common.errors import Invalid, Missing
from objects import quotas, text
from objects.cleaning import clean_body
from objects.diffing import compare
from objects.errors import DocumentLocked, StaleSave
from objects.models import Document, DocumentVersion
from objects.services.saving import Writing, locked_to_edit, write_new


@transaction.atomic
def choose_changes(
    *,
    document_id: UUID,
    user: User,
    base: int,
    proposed: int,
    accepted: Collection[int],
    expected_revision: int,
) -> Document:
    """Make version `base` with the `accepted` changes towards version `proposed` the text now, and return it.

    Changes are counted from 1, as the comparison of the two versions shows them. `proposed` is the current
    version and `expected_revision` its revision, else StaleSave tells both texts. Raises DocumentLocked while
    a session writes, ReadOnly, Invalid for a change that is not there, Missing. Accepting every change
    changes nothing.
    """
    versions = _versions(document_id, user, base, proposed)
    diff = compare(versions[base].body, versions[proposed].body)
    chosen = set(accepted)
    try:
        body = diff.apply(chosen)
    except KeyError as unknown:
        message = f"These two versions differ in {len(diff.changes)} changes; there is no {unknown.args[0]}."
        raise Invalid(message, details={"fields": {"accepted": [message]}}) from None
    body = clean_body(body)
    document = locked_to_edit(document_id, user)
    if document.lock_holder is not None:
        raise DocumentLocked(yours=body)
    head = document.current
    if document.revision != expected_revision or head.number != proposed:
        raise StaleSave(yours=body, theirs=head.body, revision=document.revision, version=head.number)
    if body == head.body:
        return document
    quotas.require_words(document.owner, text.word_count(body), before=document.word_count)
    writing = Writing(
        body=body,
        cause=DocumentVersion.Cause.CHOICE,
        author=user,
        base_number=head.number,
        changes_kept=len(chosen),
        changes_offered=len(diff.changes),
    )
    return write_new(document, writing)


def _versions(document_id: UUID, user: User, base: int, proposed: int) -> dict[int, DocumentVersion]:
    """Return both versions by number, read before the document is held: comparing holds up nobody."""
    if not Document.objects.editable_by(user).filter(pk=document_id).exists():
        raise Missing("There is no such document.")
    if base >= proposed:
        message = "Choose against a version before it."
        raise Invalid(message, details={"fields": {"against": [message]}})
    found = DocumentVersion.objects.filter(document_id=document_id, number__in=[base, proposed])
    versions = {version.number: version for version in found}
    if len(versions) < 2:
        raise Missing("There is no such version.")
    return versions
