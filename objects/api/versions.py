"""The API of versions."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.common.api import ErrorResponse
from config.common.pagination import CursorPage
from objects import history
from objects.api.documents import full
from objects.api.fields import IF_MATCH, caller, expected_revision
from objects.api.serializers import Choice, DiffBody, DocumentFull, VersionFull, VersionRow
from objects.history import Comparison
from objects.models import DocumentVersion
from objects.services import choose_changes, restore_version

_CHOICE = OpenApiExample("Two of its changes", value={"against": 6, "accepted": [1, 3]}, request_only=True)


class VersionPage(CursorPage):
    """Versions, newest first."""

    ordering = ("-number", "-pk")


@extend_schema_view(get=extend_schema(operation_id="documents_versions_list", tags=["versions"]))
class VersionList(generics.ListAPIView[DocumentVersion]):
    """The versions of a document; browsing them needs a plan with version history."""

    serializer_class = VersionRow
    pagination_class = VersionPage
    queryset = DocumentVersion.objects.none()

    def get_queryset(self) -> QuerySet[DocumentVersion]:
        """Without their texts."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        document = history.browsable(document_id=self.kwargs["pk"], user=caller(self.request))
        return document.versions.select_related("author").defer("body")


class VersionDetail(APIView):
    """One version."""

    @extend_schema(operation_id="documents_versions_retrieve", tags=["versions"], responses=VersionFull)
    def get(self, request: Request, pk: UUID, number: int) -> Response:
        """The version with its text."""
        document = history.browsable(document_id=pk, user=caller(request))
        return Response(VersionFull(history.version(document, number)).data)


class VersionDiff(APIView):
    """The difference of two versions."""

    @extend_schema(
        operation_id="documents_versions_diff",
        tags=["versions"],
        parameters=[
            OpenApiParameter("against", int, description="The older version; by default the one before")
        ],
        responses=DiffBody,
    )
    def get(self, request: Request, pk: UUID, number: int) -> Response:
        """What version `number` changes against another, in words."""
        document = history.browsable(document_id=pk, user=caller(request))
        raw = request.query_params.get("against", str(number - 1))
        if not raw.isascii() or not raw.isdigit() or len(raw) > 9:
            raise ValidationError({"against": ["This is not a version number."]})
        found = history.comparison(document, old=int(raw), new=number)
        return Response(diff_body(found), headers={"ETag": document.etag})


class VersionChoice(APIView):
    """Accepting or rejecting a version change by change."""

    @extend_schema(
        operation_id="documents_versions_choose",
        tags=["versions"],
        parameters=[IF_MATCH],
        request=Choice,
        responses={200: DocumentFull, 409: ErrorResponse},
        examples=[_CHOICE],
    )
    def post(self, request: Request, pk: UUID, number: int) -> Response:
        """Keep the accepted changes of the current version `number` and undo the others, as a new version.

        Where the text moved on meanwhile the answer is 409 with both texts, as for a save.
        """
        history.browsable(document_id=pk, user=caller(request))
        body = Choice(data=request.data)
        body.is_valid(raise_exception=True)
        document = choose_changes(
            document_id=pk,
            user=caller(request),
            base=body.validated_data.get("against", number - 1),
            proposed=number,
            accepted=body.validated_data["accepted"],
            expected_revision=expected_revision(request),
        )
        return full(document, user=caller(request))


def diff_body(found: Comparison) -> dict[str, Any]:
    """Return a comparison as programs get it."""
    return DiffBody(
        {
            "against": found.old.number,
            "number": found.new.number,
            "words_added": found.diff.words_added,
            "words_removed": found.diff.words_removed,
            "changes": [change.number for change in found.diff.changes],
            "diff": found.diff,
        }
    ).data


class VersionRestore(APIView):
    """Going back to a version."""

    @extend_schema(
        operation_id="documents_versions_restore", tags=["versions"], request=None, responses=DocumentFull
    )
    def post(self, request: Request, pk: UUID, number: int) -> Response:
        """Make the text of version `number` the current one, as a new version; nothing is lost."""
        history.browsable(document_id=pk, user=caller(request))
        document = restore_version(document_id=pk, user=caller(request), number=number)
        return full(document, user=caller(request))
