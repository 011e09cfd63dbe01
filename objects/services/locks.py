"""The lock a running session holds on the document it writes."""

from uuid import UUID

from django.db import transaction

from objects.errors import DocumentLocked
from objects.models import Document
from objects.services.saving import locked, seal


@transaction.atomic
def lock_document(*, document_id: UUID, holder: UUID) -> Document:
    """Let only `holder` write from now on, and return the document as it stands; again is the same.

    The current version is sealed, so what a session read stays readable. Raises DocumentLocked when
    another session holds it, Missing when it is gone.
    """
    document = locked(document_id)
    if document.lock_holder not in (None, holder):
        raise DocumentLocked
    if document.lock_holder is None:
        document.lock_holder = holder
        document.save(update_fields=["lock_holder"])
        seal(document.current)
    return document


def unlock_document(*, document_id: UUID, holder: UUID) -> bool:
    """Let people write again; return whether `holder` held the lock. Never raises."""
    held = Document.objects.filter(pk=document_id, lock_holder=holder)
    return bool(held.update(lock_holder=None))
