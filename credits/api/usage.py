"""The API of where the caller's credits went."""

from typing import cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from credits.api.serializers import UsageQuery, UsageState
from credits.dashboard import usage_in

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
                description="A calendar month in UTC, such as 2026-11; else the running period.",
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
