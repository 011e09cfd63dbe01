"""What programs send and get about accounts."""

from typing import Any, cast

from rest_framework import serializers

from accounts.models import Avatar, User
from accounts.services.avatars import carried


class SignIn(serializers.Serializer[Any]):
    """The credentials of one user."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)
    code = serializers.CharField(
        max_length=32,
        required=False,
        allow_blank=True,
        help_text="A code of the authenticator app, or a recovery code, where two-step sign-in is on",
    )


class Refresh(serializers.Serializer[Any]):
    """A refresh token."""

    refresh = serializers.CharField(max_length=4096)


class TokenPair(serializers.Serializer[Any]):
    """Tokens to act with."""

    access = serializers.CharField(help_text="Send it as `Authorization: Bearer …`")
    refresh = serializers.CharField(help_text="Good for one exchange")
    expires_in = serializers.IntegerField(help_text="Seconds until `access` must be renewed")


class Me(serializers.ModelSerializer[User]):
    """The signed-in user."""

    class Meta:
        model = User
        fields = ["id", "email", "display_name", "time_zone", "created_at"]
        read_only_fields = ["id", "email", "created_at"]


class AvatarSerializer(serializers.ModelSerializer[Avatar]):
    """A persona to write as."""

    is_active = serializers.SerializerMethodField()
    is_read_only = serializers.SerializerMethodField()

    class Meta:
        model = Avatar
        fields = [
            "id",
            "display_name",
            "bio",
            "voice_guide",
            "is_primary",
            "is_active",
            "is_read_only",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["id", "is_primary", "created_at", "updated_at"]

    def get_is_active(self, avatar: Avatar) -> bool:
        """Whether new work is attributed to it."""
        user = self.context["request"].user
        if user.active_avatar_id is None:
            return avatar.is_primary
        return avatar == next(
            (other for other in self._carried if other.pk == user.active_avatar_id), self._carried[0]
        )

    def get_is_read_only(self, avatar: Avatar) -> bool:
        """Whether it is beyond the plan: kept, and neither changed nor written as."""
        return not avatar.is_primary and avatar not in self._carried

    @property
    def _carried(self) -> list[Avatar]:
        """The avatars within the plan, read once for a whole list."""
        shared = cast(dict[str, Any], self.context)
        if "carried" not in shared:
            shared["carried"] = carried(shared["request"].user)
        return cast(list[Avatar], shared["carried"])
