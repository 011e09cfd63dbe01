"""Filters that lists of pages and API share."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from objects.models import NarrativeObject
from objects.text import normalise_line

M = TypeVar("M", bound=NarrativeObject)

_MOST_WORDS = 8


def in_project(found: QuerySet[M], project_id: UUID | None) -> QuerySet[M]:
    """Keep those of a project, archived or not; with None all but those of archived projects."""
    if project_id is not None:
        return found.filter(project_id=project_id)
    return found.filter(Q(project=None) | Q(project__archived_at=None))


def titled(found: QuerySet[M], words: str) -> QuerySet[M]:
    """Keep those whose title holds every one of the words, in any case."""
    for word in normalise_line(words[:200]).split()[:_MOST_WORDS]:
        found = found.filter(title__icontains=word)
    return found
