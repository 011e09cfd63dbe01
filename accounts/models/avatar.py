"""The avatar: a persona that a user writes as."""

import uuid

from django.conf import settings
from django.db import models


def initials_of(name: str) -> str:
    """Return one or two letters that stand for a name."""
    words = name.replace(".", " ").split()
    return "".join(word[0] for word in words[:2]).upper() or "?"


class Avatar(models.Model):
    """A name to write under, and the voice that agents are told to keep. Each user has one primary."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="avatars")
    display_name = models.CharField(max_length=80)
    bio = models.TextField(max_length=2000, blank=True)
    voice_guide = models.TextField(max_length=4000, blank=True)
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(is_primary=True), name="accounts_avatar_one_primary"
            ),
            models.CheckConstraint(condition=~models.Q(display_name=""), name="accounts_avatar_named"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def initials(self) -> str:
        """One or two letters for the dot."""
        return initials_of(self.display_name)
