"""The API of judging a round change by change."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from config.common.api import ErrorResponse
from config.common.errors import Conflict
from objects.api.fields import IF_MATCH, caller, expected_revision
from objects.api.serializers import DiffBody
from objects.api.versions import diff_body
from orchestration import selectors, services
from orchestration.api.serializers import ReviewBody, SessionBody
from orchestration.models import Session

_EXAMPLE = OpenApiExample("Two of its changes", value={"number": 7, "accepted": [1, 3]}, request_only=True)
_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Repeat it to repeat the request safely"
)


class SessionReview(APIView):
    """The changes of a round that waits for review."""

    @extend_schema(
        operation_id="sessions_review_retrieve",
        tags=["sessions"],
        responses={200: DiffBody, 409: ErrorResponse},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """What the round changed, each change numbered; its ETag goes into `If-Match` of the choice."""
        session = _session(request, pk)
        found = services.changes_of_round(session)
        if found is None:
            raise Conflict(
                "No changes of this session wait for your review.", details={"status": session.status}
            )
        return Response(diff_body(found), headers={"ETag": session.document.etag})

    @extend_schema(
        operation_id="sessions_review",
        tags=["sessions"],
        parameters=[_KEY, IF_MATCH],
        request=ReviewBody,
        responses={200: SessionBody, 402: ErrorResponse, 409: ErrorResponse},
        examples=[_EXAMPLE],
    )
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Keep the accepted changes, undo the others, and go on."""
        _session(request, pk)
        body = ReviewBody(data=request.data)
        body.is_valid(raise_exception=True)
        services.choose_in_round(
            session_id=pk,
            user=caller(request),
            proposed=body.validated_data["number"],
            accepted=body.validated_data["accepted"],
            expected_revision=expected_revision(request),
        )
        return Response(selectors.session_state(_session(request, pk)))


def _session(request: Request, pk: UUID) -> Session:
    """Return a session that the caller may see; 404 otherwise."""
    return get_object_or_404(Session.objects.visible_to(caller(request)).select_related("document"), pk=pk)
