"""Browsing versions: what the plan includes, and how two of them differ."""

from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from billing import entitlements
from config.common.errors import Missing
from objects import read_only
from objects.diffing import Diff, compare
from objects.models import Document, DocumentVersion


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions and their difference."""

    old: DocumentVersion
    new: DocumentVersion
    diff: Diff


def browsable(*, document_id: UUID, user: User) -> Document:
    """Return the document whose versions `user` may browse, marked as the plan has it.

    Raises Missing, or Refused by the plan.
    """
    mine = read_only.mark_contents(Document.objects.visible_to(user), user)
    document = mine.filter(pk=document_id).first()
    if document is None:
        raise Missing("There is no such document.")
    entitlements.require_feature(user=user, feature="version_history")
    return document


def version(document: Document, number: int) -> DocumentVersion:
    """Return one version with its author; raise Missing."""
    found = document.versions.select_related("author").filter(number=number).first()
    if found is None:
        raise Missing("There is no such version.")
    return found


def comparison(document: Document, *, old: int, new: int) -> Comparison:
    """Compare two versions of one document; raise Missing for a number that is not there."""
    before, after = version(document, old), version(document, new)
    return Comparison(before, after, compare(before.body, after.body))
