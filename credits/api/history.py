"""The API of the history: every movement of the caller's credits, as a list and as files."""

from collections.abc import Iterable
from typing import Any, cast

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.common.downloads import Download
from config.common.pagination import CursorPage
from credits import exports
from credits.api.serializers import EntryState, HistoryFile, HistoryQuery
from credits.causes import causes_of
from credits.filtering import require_scope
from credits.history import Wanted
from credits.models import EntryKind
from credits.models.entry import EntryQuerySet

_LINE = OpenApiExample(
    "A settled turn",
    value={
        "id": "0a8fbb9e-7f0c-5d3e-9c1d-2f6f2f1f9a10",
        "seq": 18,
        "kind": "settle",
        "amount": -3,
        "held_change": -8,
        "balance_after": 154,
        "available_after": 142,
        "reference": {"kind": "turn", "id": "7d0d3c1c-6d0f-4b0a-9a5e-0c0b7c1b9e55"},
        "cause": {"label": "Chapter three", "url": "/sessions/2b1f9f3e-98a5-4a31-9a0d-6a4f1b6f2b10/"},
        "description": "Writer, round 1. Finished: charged for the tokens it used.",
        "created_at": "2026-11-20T10:15:00Z",
        "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    },
    response_only=True,
)
_FILTERS = [
    OpenApiParameter("kind", OpenApiTypes.STR, enum=EntryKind.values, description="Only this kind."),
    OpenApiParameter("from", OpenApiTypes.DATETIME, description="From this moment on."),
    OpenApiParameter("to", OpenApiTypes.DATETIME, description="Before this moment."),
    OpenApiParameter("session", OpenApiTypes.UUID, description="Only what this session caused."),
    OpenApiParameter("document", OpenApiTypes.UUID, description="Only what this document's sessions caused."),
    OpenApiParameter("q", OpenApiTypes.STR, description="Words that the description has."),
]


class AnyAccepted(DefaultContentNegotiation):
    """Answers whatever a client accepts: the view writes the file itself, and refusals are JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the JSON renderer."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class NewestFirst(CursorPage):
    """By the number that each wallet gives its entries."""

    ordering = ("-seq",)


class HistoryView(generics.ListAPIView[Any]):
    """Every movement of the caller's credits, newest first."""

    serializer_class = EntryState
    pagination_class = NewestFirst
    filter_backends = ()

    def get_queryset(self) -> EntryQuerySet:
        """The caller's own journal, as the query asks for it."""
        return _wanted(self.request).entries_of(cast(User, self.request.user))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page, each line with what caused it: one query for a kind of cause."""
        page = self.paginate_queryset(self.get_queryset()) or []
        causes = causes_of(cast(User, request.user), page)
        return self.get_paginated_response(EntryState(page, many=True, context={"causes": causes}).data)

    @extend_schema(
        operation_id="credits_history_list", tags=["credits"], parameters=_FILTERS, examples=[_LINE]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List every movement of the caller's credits, newest first. None is ever changed or removed."""
        return self.list(request, *args, **kwargs)


class HistoryCsv(APIView):
    """The history as CSV."""

    content_negotiation_class = AnyAccepted

    @extend_schema(
        operation_id="credits_history_csv",
        tags=["credits"],
        parameters=_FILTERS,
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> Download:
        """Download the history as CSV, newest first, streamed.

        Texts that a spreadsheet would take for a formula begin with an apostrophe; numbers are numbers.
        """
        parts = exports.as_csv(cast(User, request.user), _wanted(request), site=settings.SITE_URL)
        return Download(parts, name="atelier-credits.csv", content_type=exports.CSV)


class HistoryJson(APIView):
    """The history as JSON."""

    @extend_schema(
        operation_id="credits_history_json", tags=["credits"], parameters=_FILTERS, responses=HistoryFile
    )
    def get(self, request: Request) -> Download:
        """Download the history as one JSON file, newest first, streamed: what the list gives page by page."""
        parts = exports.as_json(cast(User, request.user), _wanted(request), site=settings.SITE_URL)
        return Download(parts, name="atelier-credits.json", content_type=exports.JSON)


def _wanted(request: Request) -> Wanted:
    """Return what the query asks for; raise ValidationError naming what makes no sense, Missing."""
    query = HistoryQuery(data=request.query_params)
    query.is_valid(raise_exception=True)
    asked = query.validated_data
    kind = next((kind for kind in ("session", "document") if kind in asked), "")
    return Wanted(
        kinds=(EntryKind(asked["kind"]),) if "kind" in asked else (),
        since=asked.get("from"),
        until=asked.get("to"),
        about=require_scope(cast(User, request.user), kind, str(asked[kind])) if kind else None,
        words=asked.get("q", ""),
    )
