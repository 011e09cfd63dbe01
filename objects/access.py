"""The one door: which rows a person may see, and which they may change."""

from typing import Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User

M = TypeVar("M", bound=models.Model)
Viewer = User | AnonymousUser

_NOTHING = Q(pk__in=())


def readable(user: Viewer) -> Q:
    """Return the condition under which `user` may read a row that has an `owner`.

    Anonymous and suspended users read nothing.
    """
    return Q(owner_id=user.pk) if user.is_authenticated and user.is_active else _NOTHING


def writable(user: Viewer) -> Q:
    """Return the condition under which `user` may change a row that has an `owner`."""
    return readable(user)


class OwnedQuerySet(models.QuerySet[M]):
    """Rows with an owner, reached only through `visible_to` or `editable_by`."""

    def visible_to(self, user: Viewer) -> Self:
        """Keep the rows that `user` may read."""
        return self.filter(readable(user))

    def editable_by(self, user: Viewer) -> Self:
        """Keep the rows that `user` may change."""
        return self.filter(writable(user))


class TrashableQuerySet(OwnedQuerySet[M]):
    """Owned rows that rest in the trash before they go: only `in_trash_of` finds them there."""

    def live(self) -> Self:
        """Keep what is not in the trash."""
        return self.filter(deleted_at=None)

    def visible_to(self, user: Viewer) -> Self:
        """Keep the rows out of the trash that `user` may read."""
        return super().visible_to(user).live()

    def editable_by(self, user: Viewer) -> Self:
        """Keep the rows out of the trash that `user` may change."""
        return super().editable_by(user).live()

    def in_trash_of(self, user: Viewer) -> Self:
        """Keep the rows in the trash that `user` may bring back."""
        return self.filter(writable(user), deleted_at__isnull=False)
