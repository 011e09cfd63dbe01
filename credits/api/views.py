"""The API of credits: the caller's balance and history."""

from typing import Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.common.pagination import CursorPage
from credits.api.serializers import BalanceState, EntryState, HistoryQuery, UsageQuery, UsageState
from credits.dashboard import usage_in
from credits.models import EntryKind
from credits.models.entry import EntryQuerySet
from credits.selectors import balance_of, history_of

_BALANCE = OpenApiExample(
    "In the middle of a month",
    value={
        "available": 142,
        "held": 12,
        "allowance": 150,
        "used_this_period": 46,
        "resets_at": "2026-12-14T09:30:00Z",
    },
    response_only=True,
)
_USAGE = OpenApiExample(
    "A month with one session",
    value={
        "start": "2026-11-14T09:30:00Z",
        "end": "2026-12-14T09:30:00Z",
        "time_zone": "Europe/Lisbon",
        "spent": 11,
        "given_back": 0,
        "days": [{"day": "2026-11-20", "credits": 11}],
        "agents": [{"name": "Writer", "credits": 8}, {"name": "Style Editor", "credits": 3}],
        "models": [{"name": "Claude Haiku 4.5", "credits": 11, "tokens": 91200}],
        "documents": [{"name": "The Lighthouse Keeper's Ledger", "credits": 11}],
    },
    response_only=True,
)
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
        "description": "Round 1, Writer",
        "created_at": "2026-11-20T10:15:00Z",
        "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    },
    response_only=True,
)


class BalanceView(APIView):
    """The caller's balance."""

    @extend_schema(
        operation_id="credits_balance_retrieve", tags=["credits"], responses=BalanceState, examples=[_BALANCE]
    )
    def get(self, request: Request) -> Response:
        """What the caller can spend, what is held, and when the period ends."""
        return Response(BalanceState(balance_of(cast(User, request.user))).data)


class UsageView(APIView):
    """Where the caller's credits went."""

    @extend_schema(
        operation_id="credits_usage_retrieve",
        tags=["credits"],
        parameters=[
            OpenApiParameter(
                "month",
                OpenApiTypes.STR,
                pattern=r"^20\d\d-(0[1-9]|1[0-2])$",
                description="A calendar month such as 2026-11 in the caller's zone; else the running period.",
            ),
        ],
        responses=UsageState,
        examples=[_USAGE],
    )
    def get(self, request: Request) -> Response:
        """What was spent in a month, by day, by agent, by model and by document."""
        query = UsageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(UsageState(usage_in(cast(User, request.user), **query.validated_data)).data)


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
        query = HistoryQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        kinds = (EntryKind(asked["kind"]),) if "kind" in asked else ()
        return history_of(
            cast(User, self.request.user), kinds=kinds, since=asked.get("from"), until=asked.get("to")
        )

    @extend_schema(
        operation_id="credits_history_list",
        tags=["credits"],
        parameters=[
            OpenApiParameter("kind", OpenApiTypes.STR, enum=EntryKind.values, description="Only this kind."),
            OpenApiParameter("from", OpenApiTypes.DATETIME, description="From this moment on."),
            OpenApiParameter("to", OpenApiTypes.DATETIME, description="Before this moment."),
        ],
        examples=[_LINE],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List every movement of the caller's credits, newest first. None is ever changed or removed."""
        return self.list(request, *args, **kwargs)
