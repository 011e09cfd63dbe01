"""What programs send and get about projects and documents."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from objects.api.fields import Body, OwnProject
from objects.diffing import Diff, Same
from objects.models import Document, DocumentVersion, NarrativeObject, Project

_READ_ONLY = (
    "Its project is beyond the plan's number of projects: it can be read and thrown away, and not changed"
)


class Seat(serializers.Serializer[Any]):
    """One seat of a team."""

    role = serializers.CharField(max_length=40)
    provider = serializers.CharField(max_length=40, required=False)
    model = serializers.CharField(max_length=80, required=False)
    instructions = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    criteria = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class ProjectBody(serializers.ModelSerializer[Project]):
    """A project."""

    default_agents = Seat(many=True, required=False)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    synopsis = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    is_read_only = serializers.BooleanField(
        read_only=True,
        help_text="It is beyond the plan's number of projects: it can be read and archived, and not "
        "changed. The projects last worked on stay writable",
    )

    class Meta:
        model = Project
        fields = [
            "id",
            "title",
            "description",
            "genre",
            "synopsis",
            "default_agents",
            "archived_at",
            "is_read_only",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["id", "archived_at", "created_at", "updated_at"]


class ObjectRow(serializers.ModelSerializer[NarrativeObject]):
    """What every kind of object shares."""

    project = serializers.UUIDField(source="project_id", allow_null=True, read_only=True)
    avatar = serializers.UUIDField(source="avatar_id", allow_null=True, read_only=True)
    is_read_only = serializers.BooleanField(read_only=True, help_text=_READ_ONLY)

    class Meta:
        model = NarrativeObject
        fields = [
            "id",
            "kind",
            "title",
            "project",
            "avatar",
            "visibility",
            "token_count",
            "storage_bytes",
            "is_read_only",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class DocumentRow(serializers.ModelSerializer[Document]):
    """A document in a list, without its text."""

    project = serializers.UUIDField(source="project_id", allow_null=True, read_only=True)
    avatar = serializers.UUIDField(source="avatar_id", allow_null=True, read_only=True)
    version = serializers.IntegerField(source="current_number", read_only=True)
    locked = serializers.BooleanField(
        source="is_locked", read_only=True, help_text="A session is writing it: its text cannot be saved"
    )
    is_read_only = serializers.BooleanField(read_only=True, help_text=_READ_ONLY)

    class Meta:
        model = Document
        fields = [
            "id",
            "title",
            "project",
            "avatar",
            "word_count",
            "token_count",
            "revision",
            "version",
            "locked",
            "is_read_only",
            "deleted_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class DocumentFull(DocumentRow):
    """A document with its text."""

    body = serializers.CharField(read_only=True, help_text="Markdown")

    class Meta(DocumentRow.Meta):
        fields = [*DocumentRow.Meta.fields, "body"]
        read_only_fields = fields


class Imported(DocumentFull):
    """A document made of a file."""

    left_out = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What the file held that a text cannot"
    )

    class Meta(DocumentFull.Meta):
        fields = [*DocumentFull.Meta.fields, "left_out"]
        read_only_fields = fields


class NewDocument(serializers.Serializer[Any]):
    """A document to create; without a title it takes its first heading's."""

    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    body = Body(required=False, default="")
    project = OwnProject(required=False, allow_null=True, default=None)


class Upload(serializers.Serializer[Any]):
    """A file to make a document of: TXT, MD, DOCX or PDF."""

    file = serializers.FileField(allow_empty_file=True, max_length=None)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    project = OwnProject(required=False, allow_null=True, default=None)


class DocumentChange(serializers.Serializer[Any]):
    """What to change; a new `body` needs `If-Match`."""

    title = serializers.CharField(max_length=200, required=False)
    body = Body(required=False)
    project = OwnProject(required=False, allow_null=True)
    cause = serializers.ChoiceField(
        choices=["save", "autosave", "merge"],
        default="save",
        help_text="`autosave`: consecutive ones within ten minutes share one version; `merge`: made of both "
        "texts of a 409",
    )


class VersionRow(serializers.ModelSerializer[DocumentVersion]):
    """A version in a list, without its text."""

    author = serializers.CharField(source="byline", read_only=True)
    cause = serializers.CharField(read_only=True)

    class Meta:
        model = DocumentVersion
        fields = [
            "number",
            "author",
            "cause",
            "word_count",
            "base_number",
            "changes_kept",
            "changes_offered",
            "session_id",
            "turn_id",
            "created_at",
        ]
        read_only_fields = fields


class VersionFull(VersionRow):
    """A version with its text."""

    class Meta(VersionRow.Meta):
        fields = [*VersionRow.Meta.fields, "body"]
        read_only_fields = fields


class Piece(serializers.Serializer[Any]):
    """Shared text, or one change: `old` at character `at` of the older text becomes `new`."""

    kind = serializers.ChoiceField(choices=["same", "change"])
    text = serializers.CharField(required=False)
    number = serializers.IntegerField(
        required=False, help_text="Counts the changes from 1: names it in a choice"
    )
    at = serializers.IntegerField(required=False)
    old = serializers.CharField(required=False)
    new = serializers.CharField(required=False)


class Choice(serializers.Serializer[Any]):
    """Which changes of a version are taken over; the others are undone."""

    against = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="The older version; by default the one before",
    )
    accepted = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1),
        max_length=100_000,
        help_text="Numbers of changes, as the diff of the two versions lists them",
    )


class DiffBody(serializers.Serializer[Any]):
    """The difference of two versions. All `new` and `text` joined are the newer text, exactly."""

    against = serializers.IntegerField()
    number = serializers.IntegerField()
    words_added = serializers.IntegerField()
    words_removed = serializers.IntegerField()
    changes = serializers.ListField(
        child=serializers.IntegerField(), help_text="The numbers of its changes, to accept some of them"
    )
    pieces = serializers.SerializerMethodField()

    @extend_schema_field(Piece(many=True))
    def get_pieces(self, found: dict[str, Any]) -> list[dict[str, Any]]:
        """List the pieces in order."""
        diff: Diff = found["diff"]
        return [
            {"kind": "same", "text": piece.text}
            if isinstance(piece, Same)
            else {
                "kind": "change",
                "number": piece.number,
                "at": piece.at,
                "old": piece.old,
                "new": piece.new,
            }
            for piece in diff.pieces
        ]
