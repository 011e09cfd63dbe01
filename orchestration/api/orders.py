"""The API of orders: services that were bought, and their start."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from config.common.api import ErrorResponse
from config.common.limiting import costly
from config.common.pagination import CursorPage
from objects.api.fields import caller
from objects.models import Document
from orchestration.models import ServiceOrder
from orchestration.services import start_order, start_order_on_file

_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Repeat it to repeat the request safely"
)
_EXAMPLE = OpenApiExample(
    "On one of your documents", value={"document": "6f1c3f1e-7d5c-4d43-9f0e-0c2b9a1d8c11"}, request_only=True
)


class OrderState(serializers.ModelSerializer[ServiceOrder]):
    """A service that was bought; `session` carries it out once it was started."""

    state = serializers.ChoiceField(choices=ServiceOrder.State.choices, read_only=True)
    session = serializers.UUIDField(source="session_id", allow_null=True, read_only=True)

    class Meta:
        model = ServiceOrder
        fields = ["id", "service", "state", "credits", "session", "created_at", "started_at", "cancelled_at"]


class OrderStartBody(serializers.Serializer[None]):
    """Which text it is about."""

    document = serializers.UUIDField()


class OrderStartUpload(serializers.Serializer[None]):
    """The manuscript itself; as many words as the service reads, whatever the plan carries."""

    file = serializers.FileField(help_text="TXT, MD, DOCX or PDF")


class OrderList(generics.ListAPIView[ServiceOrder]):
    """The caller's orders."""

    serializer_class = OrderState
    pagination_class = CursorPage

    def get_queryset(self) -> QuerySet[ServiceOrder]:
        """The caller's own, with their sessions."""
        return ServiceOrder.objects.visible_to(caller(self.request)).select_related("session")

    @extend_schema(operation_id="orders_list", tags=["orders"])
    def get(self, request: Request) -> Response:
        """Services that were bought, the newest first."""
        return self.list(request)


class OrderDetail(APIView):
    """One order."""

    @extend_schema(operation_id="orders_retrieve", tags=["orders"], responses=OrderState)
    def get(self, request: Request, pk: UUID) -> Response:
        """Where it stands."""
        return Response(OrderState(_order(request, pk)).data)


class OrderStart(APIView):
    """The start of an order."""

    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(
        operation_id="orders_start",
        tags=["orders"],
        parameters=[_KEY],
        request={"application/json": OrderStartBody, "multipart/form-data": OrderStartUpload},
        responses={
            200: OrderState,
            402: ErrorResponse,
            409: ErrorResponse,
            413: ErrorResponse,
            415: ErrorResponse,
            422: ErrorResponse,
        },
        examples=[_EXAMPLE],
    )
    @costly
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Have the panel read a document, or a file; an order that was started is answered as it is."""
        _order(request, pk)
        if "file" in request.FILES:
            upload = OrderStartUpload(data=request.data)
            upload.is_valid(raise_exception=True)
            start_order_on_file(order_id=pk, user=caller(request), **upload.validated_data)
            return Response(OrderState(_order(request, pk)).data)
        body = OrderStartBody(data=request.data)
        body.is_valid(raise_exception=True)
        mine = Document.objects.editable_by(caller(request)).select_related("project")
        document = get_object_or_404(mine, pk=body.validated_data["document"])
        start_order(order_id=pk, user=caller(request), document=document)
        return Response(OrderState(_order(request, pk)).data)


def _order(request: Request, pk: UUID) -> ServiceOrder:
    orders = ServiceOrder.objects.visible_to(caller(request)).select_related("session")
    return get_object_or_404(orders, pk=pk)
