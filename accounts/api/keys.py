"""The API of keys: one's own, made with the password, shown once."""

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts.keys import make_key, revoke_key
from accounts.models import ApiKey, User
from accounts.services.reauthentication import require_password


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key, without what makes it one."""

    class Meta:
        model = ApiKey
        fields = ["id", "name", "prefix", "scope", "expires_at", "last_used_at", "created_at"]
        read_only_fields = fields


class NewKey(serializers.Serializer[Any]):
    """A key to make."""

    name = serializers.CharField(max_length=80, help_text="What it is for")
    scope = serializers.ChoiceField(
        choices=ApiKey.Scope.choices, default=ApiKey.Scope.READ, help_text="`read`: GET and HEAD alone"
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Left out: never")
    password = serializers.CharField(max_length=1024, trim_whitespace=False, help_text="Yours, once more")


class MadeKeySerializer(KeySerializer):
    """A new key, with what makes it one."""

    key = serializers.CharField(help_text="Shown now and never again")

    class Meta(KeySerializer.Meta):
        fields = [*KeySerializer.Meta.fields, "key"]
        read_only_fields = fields


@extend_schema(tags=["sign-in"])
class KeyViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[ApiKey]):
    """The signed-in user's API keys. No key opens them: whoever finds one must not make more of it."""

    serializer_class = KeySerializer
    queryset = ApiKey.objects.none()
    authentication_classes = (JWTAuthentication, SessionAuthentication)

    def get_queryset(self) -> QuerySet[ApiKey]:
        """One's own only."""
        return ApiKey.objects.filter(user=_user(self.request))

    @extend_schema(
        operation_id="auth_keys_create",
        request=NewKey,
        responses={201: MadeKeySerializer},
        examples=[
            OpenApiExample(
                "A key for a nightly backup",
                value={"name": "Backup", "scope": "read", "password": "correct horse battery"},
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Make a key, where the plan has them; `key` in the answer is shown this once."""
        body = NewKey(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        require_password(request=request._request, user=_user(request), password=given.pop("password"))
        made = make_key(user=_user(request), **given)
        answer = {**KeySerializer(made.key).data, "key": made.secret}
        return Response(answer, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(operation_id="auth_keys_destroy", responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Revoke a key: it ends at once."""
        revoke_key(user=_user(request), key_id=pk)
        return Response(status=204)


def _user(request: Request) -> User:
    return cast(User, request.user)
