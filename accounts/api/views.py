"""The API of accounts: sign-in, me, preferences, avatars."""

from dataclasses import asdict
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts import tokens
from accounts.api.serializers import AvatarSerializer, Me, Refresh, SignIn, TokenPair
from accounts.models import Avatar, User
from accounts.preferences import Preferences
from accounts.services.avatars import activate_avatar, add_avatar, delete_avatar, update_avatar
from accounts.services.profile import replace_preferences, update_profile
from accounts.services.signin import sign_in
from config.common.errors import Invalid

_PAIR = OpenApiExample(
    "A pair of tokens",
    value={"access": "eyJhbGciOi…", "refresh": "eyJhbGciOi…", "expires_in": 900},
    response_only=True,
)


class PublicView(APIView):
    """An operation that needs no sign-in, because it is one."""

    authentication_classes = ()
    permission_classes = ()


class TokenView(PublicView):
    """Sign in."""

    @extend_schema(
        operation_id="auth_token_create",
        tags=["sign-in"],
        request=SignIn,
        responses=TokenPair,
        auth=[],
        examples=[
            OpenApiExample(
                "With a second factor",
                value={"email": "ann@example.com", "password": "correct horse battery", "code": "123456"},
                request_only=True,
            ),
            _PAIR,
        ],
    )
    def post(self, request: Request) -> Response:
        """Exchange e-mail and password for tokens; `mfa_required` asks for a code as well."""
        body = SignIn(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(asdict(sign_in(request=request._request, **body.validated_data)))


class RefreshView(PublicView):
    """Stay signed in."""

    @extend_schema(
        operation_id="auth_token_refresh",
        tags=["sign-in"],
        request=Refresh,
        responses=TokenPair,
        auth=[],
        examples=[_PAIR],
    )
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair; the old one is used up."""
        body = Refresh(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(asdict(tokens.rotate(refresh=body.validated_data["refresh"])))


class RevokeView(PublicView):
    """Sign out."""

    @extend_schema(
        operation_id="auth_token_revoke", tags=["sign-in"], request=Refresh, responses={204: None}, auth=[]
    )
    def post(self, request: Request) -> Response:
        """End a refresh token. Its access token lives on for the minutes it has left."""
        body = Refresh(data=request.data)
        body.is_valid(raise_exception=True)
        tokens.revoke(refresh=body.validated_data["refresh"])
        return Response(status=204)


@extend_schema(tags=["me"])
class MeView(generics.RetrieveUpdateAPIView[User]):
    """The signed-in user."""

    serializer_class = Me
    http_method_names = ("get", "patch", "head", "options")

    def get_object(self) -> User:
        """Nobody but the caller."""
        return _user(self.request)

    def perform_update(self, serializer: BaseSerializer[User]) -> None:
        """Change name and time zone."""
        update_profile(user=self.get_object(), **serializer.validated_data)


class PreferencesView(APIView):
    """The signed-in user's preferences."""

    @extend_schema(operation_id="users_me_preferences_retrieve", tags=["me"], responses=Preferences)
    def get(self, request: Request) -> Response:
        """All preferences, those never chosen with their defaults."""
        return Response(_user(request).preferences.model_dump(mode="json"))

    @extend_schema(
        operation_id="users_me_preferences_replace", tags=["me"], request=Preferences, responses=Preferences
    )
    def put(self, request: Request) -> Response:
        """Replace the preferences; what is left out returns to its default."""
        if not isinstance(request.data, dict):
            raise Invalid("Send one JSON object.")
        preferences = replace_preferences(user=_user(request), document=request.data)
        return Response(preferences.model_dump(mode="json"))


@extend_schema(tags=["avatars"])
class AvatarViewSet(viewsets.ModelViewSet[Avatar]):
    """The personas the signed-in user writes as."""

    serializer_class = AvatarSerializer
    queryset = Avatar.objects.none()
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def get_queryset(self) -> QuerySet[Avatar]:
        """One's own only: anybody else's is not found."""
        return Avatar.objects.filter(user=_user(self.request))

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Change name, bio and voice guide."""
        update_avatar(avatar=cast(Avatar, serializer.instance), **serializer.validated_data)

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        """Add an avatar, where the plan has room for it."""
        serializer.instance = add_avatar(user=_user(self.request), **serializer.validated_data)

    def perform_destroy(self, instance: Avatar) -> None:
        """Delete an avatar; what was written as it is kept."""
        delete_avatar(user=_user(self.request), avatar_id=instance.pk)

    @extend_schema(operation_id="avatars_activate", request=None, responses=AvatarSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: UUID) -> Response:
        """Write as this avatar from now on; what is written already keeps its own."""
        avatar = activate_avatar(user=_user(request), avatar_id=pk)
        return Response(self.get_serializer(avatar).data)


def _user(request: Request) -> User:
    return cast(User, request.user)
