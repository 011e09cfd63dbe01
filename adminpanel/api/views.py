"""The API by which operators run the business."""

from typing import cast
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.permissions import IsOperator
from accounts.idempotency import idempotency_key, idempotent
from accounts.models import User
from adminpanel.api.serializers import CorrectionState, CreditsBody
from adminpanel.api.throttling import GrantThrottle
from config.common.errors import Missing
from credits import corrections
from credits.models import Correction, Wallet

_GIVEN = OpenApiExample(
    "Applied at once",
    value={
        "id": "0f4c1c1e-6d0f-4b0a-9a5e-0c0b7c1b9e55",
        "state": "applied",
        "kind": "grant",
        "amount": 50,
        "reason": "Goodwill for the outage of 20 November",
        "expires_at": None,
        "needs_approval": False,
        "requested_at": "2026-11-21T09:30:00Z",
        "balance": {"available": 192, "held": 12},
    },
    response_only=True,
    status_codes=["201"],
)


class MayCorrect(BasePermission):
    """Operators who may move credits."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the caller is one."""
        return bool(request.user.has_perm("credits.add_correction"))


class UserCreditsView(APIView):
    """A user's credits, moved by hand."""

    permission_classes = (IsOperator, MayCorrect)
    throttle_classes = (*APIView.throttle_classes, GrantThrottle)

    @extend_schema(
        operation_id="admin_users_credits_create",
        tags=["operators"],
        request=CreditsBody,
        responses={201: CorrectionState, 202: CorrectionState},
        examples=[_GIVEN],
    )
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Give or take credits: 201 once they moved, 202 while a second operator has to approve."""
        wallet = Wallet.objects.select_related("owner").filter(owner=pk).first()
        if wallet is None:
            raise Missing("There is no such user.")
        body = CreditsBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        asked = corrections.ask(
            wallet=wallet,
            kind=Correction.Kind.GRANT if given["amount"] > 0 else Correction.Kind.TAKE,
            credits=abs(given["amount"]),
            reason=given["reason"],
            expires_at=given.get("expires_at"),
            actor=cast(User, request.user),
            key=idempotency_key(request),
        )
        asked.wallet.refresh_from_db()
        waits = status.HTTP_202_ACCEPTED if asked.is_pending else status.HTTP_201_CREATED
        return Response(CorrectionState(asked).data, status=waits)
