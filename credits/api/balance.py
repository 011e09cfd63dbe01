"""The API of the caller's balance."""

from typing import cast

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from credits.api.serializers import BalanceState
from credits.selectors import balance_of

_BALANCE = OpenApiExample(
    "In the middle of a month",
    value={
        "available": 142,
        "held": 12,
        "allowance": 150,
        "used_this_period": 46,
        "owed": 0,
        "resets_at": "2026-12-14T09:30:00Z",
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
