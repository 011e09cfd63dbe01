"""The document: a manuscript in Markdown."""

from django.db import models

from objects.access import TrashableQuerySet
from objects.models.narrative import NarrativeObject
from objects.models.version import DocumentVersion


class DocumentQuerySet(TrashableQuerySet["Document"]):
    """Manuscripts."""


class Document(NarrativeObject):
    """A manuscript. Its text is the body of its current version; `revision` counts the saves.

    A session that writes holds the lock; while it does, people read and do not save.
    """

    revision = models.IntegerField(default=1)
    current_number = models.IntegerField(default=1, help_text="Number of the current version")
    word_count = models.IntegerField(default=0)
    lock_holder = models.UUIDField(null=True, blank=True, help_text="The running session that writes it")

    objects = DocumentQuerySet.as_manager()  # type: ignore[assignment,misc]  # narrows its base's manager

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revision__gte=1), name="objects_document_revision_from_one"
            ),
            models.CheckConstraint(
                condition=models.Q(current_number__gte=1), name="objects_document_number_from_one"
            ),
            models.CheckConstraint(
                condition=models.Q(revision__gte=models.F("current_number")),
                name="objects_document_revision_not_behind_number",
            ),
            models.CheckConstraint(
                condition=models.Q(word_count__gte=0), name="objects_document_words_not_negative"
            ),
        ]

    @property
    def current(self) -> DocumentVersion:
        """The version that is the text now; each reading is one query."""
        return self.versions.get(number=self.current_number)

    @property
    def body(self) -> str:
        """The text now, in Markdown."""
        return self.current.body

    @property
    def etag(self) -> str:
        """The entity tag of the text: give it back in `If-Match` to save."""
        return f'"r{self.revision}"'

    @property
    def is_locked(self) -> bool:
        """Whether a session writes it now."""
        return self.lock_holder is not None
