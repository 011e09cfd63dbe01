"""Models."""

from objects.models.document import Document, DocumentQuerySet
from objects.models.narrative import NarrativeObject
from objects.models.project import Project, ProjectQuerySet
from objects.models.version import DocumentVersion

__all__ = ["Document", "DocumentQuerySet", "DocumentVersion", "NarrativeObject", "Project", "ProjectQuerySet"]
