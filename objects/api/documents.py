"""The API of documents, and of everything else a writer keeps."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.common.api import ErrorResponse
from config.common.limiting import costly
from objects import read_only
from objects.api.fields import IF_MATCH, caller, expected_revision, flag
from objects.api.serializers import (
    DocumentChange,
    DocumentFull,
    DocumentRow,
    Imported,
    NewDocument,
    ObjectRow,
    Upload,
)
from objects.models import Document, DocumentVersion, NarrativeObject
from objects.queries import in_project, titled
from objects.services import (
    create_document,
    import_document,
    move_document,
    rename_document,
    restore_document,
    save_document,
    trash_document,
)

_FILTERS = [
    OpenApiParameter("project", UUID, description="Only those of this project"),
    OpenApiParameter("q", str, description="Only those with these words in their title"),
]
_NEW = OpenApiExample(
    "Typed text",
    value={"title": "The Lighthouse Keeper’s Ledger", "body": "Every evening at six the keeper wrote."},
    request_only=True,
    media_type="application/json",
)
_STALE = OpenApiExample(
    "Saved elsewhere meanwhile",
    value={
        "error": {
            "code": "conflict",
            "message": "This document was saved elsewhere since you opened it.",
            "details": {"reason": "stale", "yours": "…", "theirs": "…", "revision": 4, "version": 3},
        }
    },
    response_only=True,
    status_codes=["409"],
)


def _uuid(request: Request, name: str) -> UUID | None:
    """Return an id of the query; raise ValidationError for what is none."""
    raw = request.query_params.get(name)
    try:
        return UUID(raw) if raw else None
    except ValueError:
        raise ValidationError({name: ["This is not an id."]}) from None


def full(
    document: Document,
    *,
    user: User,
    code: int = status.HTTP_200_OK,
    left_out: tuple[str, ...] | None = None,
) -> Response:
    """Answer with the document of `user`, and its entity tag."""
    document.is_read_only = read_only.refusal_for(user, document.project_id) is not None
    data: dict[str, Any] = dict(DocumentFull(document).data)
    if left_out is not None:
        data["left_out"] = list(left_out)
    return Response(data, status=code, headers={"ETag": document.etag})


@extend_schema_view(
    get=extend_schema(
        operation_id="documents_list",
        tags=["documents"],
        parameters=[
            *_FILTERS,
            OpenApiParameter("trash", bool, description="List those in the trash instead"),
        ],
    )
)
@costly
class DocumentList(generics.ListAPIView[Document]):
    """The caller's documents, newest first."""

    serializer_class = DocumentRow
    queryset = Document.objects.none()
    parser_classes = (JSONParser, MultiPartParser)

    def get_queryset(self) -> QuerySet[Document]:
        """Filtered by the query."""
        documents, user = Document.objects, caller(self.request)
        found = documents.in_trash_of(user) if flag(self.request, "trash") else documents.visible_to(user)
        found = read_only.mark_contents(found, user)
        placed = in_project(found, _uuid(self.request, "project"))
        return titled(placed, self.request.query_params.get("q", ""))

    @extend_schema(
        operation_id="documents_create",
        tags=["documents"],
        request={"application/json": NewDocument, "multipart/form-data": Upload},
        responses={201: Imported, 413: ErrorResponse, 415: ErrorResponse},
        examples=[_NEW],
    )
    def post(self, request: Request) -> Response:
        """Create a document from a text, or from an uploaded TXT, MD, DOCX or PDF."""
        context = {"request": request}
        if "file" in request.FILES:
            upload = Upload(data=request.data, context=context)
            upload.is_valid(raise_exception=True)
            document, extracted = import_document(owner=caller(request), **upload.validated_data)
            return full(
                document,
                user=caller(request),
                code=status.HTTP_201_CREATED,
                left_out=extracted.left_out,
            )
        body = NewDocument(data=request.data, context=context)
        body.is_valid(raise_exception=True)
        document = create_document(owner=caller(request), **body.validated_data)
        return full(document, user=caller(request), code=status.HTTP_201_CREATED, left_out=())


class DocumentDetail(generics.GenericAPIView[Document]):
    """One document."""

    serializer_class = DocumentFull
    queryset = Document.objects.none()

    def get_queryset(self) -> QuerySet[Document]:
        """Only what the caller may see."""
        return Document.objects.visible_to(caller(self.request))

    @extend_schema(operation_id="documents_retrieve", tags=["documents"])
    def get(self, request: Request, pk: UUID) -> Response:
        """The document with its text; its ETag goes into `If-Match` of a save."""
        return full(self.get_object(), user=caller(request))

    @extend_schema(
        operation_id="documents_partial_update",
        tags=["documents"],
        parameters=[IF_MATCH],
        request=DocumentChange,
        responses={200: DocumentFull, 409: ErrorResponse},
        examples=[_STALE],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Save the text, rename, move: all of it or nothing.

        A save over a text that moved on answers 409 with both texts; so does one while a session writes.
        One that is read-only answers 403 `limit_reached`.
        """
        change = DocumentChange(data=request.data, partial=True, context={"request": request})
        change.is_valid(raise_exception=True)
        fields = change.validated_data
        with transaction.atomic():
            document = self.get_object()
            if "title" in fields:
                document = rename_document(document_id=pk, user=caller(request), title=fields["title"])
            if "project" in fields:
                document = move_document(document_id=pk, user=caller(request), project=fields["project"])
            if "body" in fields:
                document = save_document(
                    document_id=pk,
                    user=caller(request),
                    body=fields["body"],
                    expected_revision=expected_revision(request),
                    cause=DocumentVersion.Cause(fields.get("cause", "save")),
                )
        return full(document, user=caller(request))

    @extend_schema(operation_id="documents_trash", tags=["documents"], responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Put the document in the trash, for 30 days."""
        trash_document(document_id=pk, user=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class DocumentRestore(APIView):
    """Bringing a document back."""

    @extend_schema(operation_id="documents_restore", tags=["documents"], request=None, responses=DocumentFull)
    def post(self, request: Request, pk: UUID) -> Response:
        """Take the document out of the trash."""
        user = caller(request)
        return full(restore_document(document_id=pk, user=user), user=user)


def _kept_by(user: User) -> QuerySet[NarrativeObject]:
    """Return everything that `user` keeps, each marked as the plan has it."""
    return read_only.mark_contents(NarrativeObject.objects.visible_to(user), user)


@extend_schema_view(
    get=extend_schema(
        operation_id="objects_list",
        tags=["documents"],
        parameters=[
            *_FILTERS,
            OpenApiParameter("kind", str, enum=NarrativeObject.Kind.values, description="Only this kind"),
        ],
    )
)
class ObjectList(generics.ListAPIView[NarrativeObject]):
    """Everything the caller keeps, of every kind, newest first."""

    serializer_class = ObjectRow
    queryset = NarrativeObject.objects.none()

    def get_queryset(self) -> QuerySet[NarrativeObject]:
        """Filtered by the query."""
        found = in_project(_kept_by(caller(self.request)), _uuid(self.request, "project"))
        kind = self.request.query_params.get("kind")
        if kind and kind not in NarrativeObject.Kind.values:
            raise ValidationError({"kind": ["There is no such kind."]})
        return titled(found.filter(kind=kind) if kind else found, self.request.query_params.get("q", ""))


@extend_schema_view(get=extend_schema(operation_id="objects_retrieve", tags=["documents"]))
class ObjectDetail(generics.RetrieveAPIView[NarrativeObject]):
    """What every kind shares of one object."""

    serializer_class = ObjectRow
    queryset = NarrativeObject.objects.none()

    def get_queryset(self) -> QuerySet[NarrativeObject]:
        """Only what the caller may see."""
        return _kept_by(caller(self.request))
