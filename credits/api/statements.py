"""The API of statements, and of the keys that they are signed with."""

from typing import cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.common.downloads import Download
from config.common.errors import Missing
from credits import exports
from credits.api.serializers import KeyList, StatementFile, StatementList
from credits.statements import keys
from credits.statements.months import Month
from credits.statements.reading import statement_of, statements_of
from credits.statements.writing import file_name, written

_PAGE = 12
_MONTH = OpenApiParameter(
    "month", {"type": "string", "example": "2026-11"}, OpenApiParameter.PATH, description="A month in UTC."
)


class StatementListView(APIView):
    """The months of the caller."""

    @extend_schema(
        operation_id="credits_statements_list",
        tags=["credits"],
        parameters=[OpenApiParameter("until", str, description="The newest month wanted, as 2026-11.")],
        responses=StatementList,
    )
    def get(self, request: Request) -> Response:
        """List the caller's months with a statement, newest first, twelve at a time."""
        asked = request.query_params.get("until")
        until = Month.read(asked) if asked else None
        if asked and until is None:
            raise ValidationError({"until": ["This is not a month."]})
        found = statements_of(cast(User, request.user), until=until, most=_PAGE + 1)
        following = str(found[_PAGE].month) if len(found) > _PAGE else None
        return Response(StatementList({"results": found[:_PAGE], "next": following}).data)


class StatementView(APIView):
    """One month of the caller."""

    @extend_schema(
        operation_id="credits_statements_retrieve",
        tags=["credits"],
        parameters=[_MONTH],
        responses=StatementFile,
    )
    def get(self, request: Request, month: str) -> Download:
        """Download the statement of a month: every entry with its hash, chained and signed, streamed."""
        wanted = Month.read(month)
        if wanted is None:
            raise Missing("There is no such month.")
        found = statement_of(cast(User, request.user), wanted)
        return Download(written(found), name=file_name(found), content_type=exports.JSON)


class KeysView(APIView):
    """The keys that statements are signed with."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="credits_statements_keys", tags=["credits"], auth=[], responses=KeyList)
    def get(self, request: Request) -> Response:
        """List the public keys that sign statements now, and that signed them before."""
        shown = [
            {"id": key.id, "algorithm": "Ed25519", "public_key": key.text, "is_current": key.is_current}
            for key in keys.published()
        ]
        return Response(KeyList({"keys": shown}).data)
