"""The API of notices: what happened, and what of it was read."""

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Notification, User
from accounts.notifications.kinds import Kind
from accounts.services import notices


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """One thing the user is told."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])

    class Meta:
        model = Notification
        fields = ["id", "kind", "title", "body", "url", "data", "read_at", "created_at"]
        read_only_fields = fields
        extra_kwargs = {
            "url": {"help_text": "Path of the page about it; empty where there is none"},
            "data": {"help_text": "What it is about, for programs; its keys depend on the kind"},
        }


class ReadAll(serializers.Serializer[Any]):
    """How many notices were marked."""

    read = serializers.IntegerField(help_text="Those that were unread before")


@extend_schema(
    tags=["me"],
    parameters=[OpenApiParameter("unread", bool, description="`true` keeps what was not read yet")],
)
class NotificationsView(generics.ListAPIView[Notification]):
    """The signed-in user's notices, newest first."""

    serializer_class = NotificationSerializer
    queryset = Notification.objects.none()

    def get_queryset(self) -> QuerySet[Notification]:
        """One's own only, as far as they are on the page."""
        mine = Notification.objects.shown_to(_user(self.request))
        return mine.unread() if self.request.query_params.get("unread") == "true" else mine


class NotificationReadView(APIView):
    """One notice."""

    @extend_schema(
        operation_id="users_me_notifications_read",
        tags=["me"],
        request=None,
        responses=NotificationSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Mark it as read; again is the same."""
        notice = notices.mark_read(user=_user(request), notification_id=pk)
        return Response(NotificationSerializer(notice).data)


class NotificationsReadAllView(APIView):
    """All notices."""

    @extend_schema(
        operation_id="users_me_notifications_read_all", tags=["me"], request=None, responses=ReadAll
    )
    def post(self, request: Request) -> Response:
        """Mark everything as read."""
        return Response({"read": notices.mark_all_read(user=_user(request))})


def _user(request: Request) -> User:
    return cast(User, request.user)
