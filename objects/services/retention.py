"""How long old versions are kept, by the owner's plan."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Length

from accounts.models import User
from billing import entitlements
from config.common import clock
from objects.models import Document, DocumentVersion

SHORTEST_DAYS = 30
"""No plan forgets sooner, so younger versions need not be looked at."""


class OctetLength(Length):
    """The bytes of a text, where Length counts characters."""

    function = "OCTET_LENGTH"


def prune_versions() -> int:
    """Delete versions older than their owner's plan keeps them; return how many went.

    The current version always stays, and so does what a running session holds. Safe to run twice.
    """
    old = DocumentVersion.objects.filter(
        created_at__lt=clock.now() - timedelta(days=SHORTEST_DAYS),
        number__lt=F("document__current_number"),
    )
    owners = User.objects.filter(pk__in=old.values("document__owner_id"))
    return sum(_prune_of(owner) for owner in owners.iterator())


def _prune_of(owner: User) -> int:
    """Delete what one owner's plan no longer keeps."""
    days = entitlements.limits_for(owner).version_retention_days
    if days is None:
        return 0
    limit = clock.now() - timedelta(days=max(days, SHORTEST_DAYS))
    due = DocumentVersion.objects.filter(
        document__owner=owner, created_at__lt=limit, number__lt=F("document__current_number")
    )
    documents = due.order_by().values_list("document_id", flat=True).distinct()
    return sum(_prune_document(pk, before=limit) for pk in documents)


@transaction.atomic
def _prune_document(document_id: UUID, *, before: datetime) -> int:
    """Delete one document's old versions, and count its storage anew."""
    document = (
        Document.objects.select_for_update(of=("self",)).filter(pk=document_id, lock_holder=None).first()
    )
    if document is None:
        return 0
    old = document.versions.filter(created_at__lt=before, number__lt=document.current_number)
    freed = old.aggregate(total=Sum(OctetLength("body")))["total"] or 0
    count, _ = old.delete()
    document.storage_bytes -= freed
    document.save(update_fields=["storage_bytes"])
    return count
