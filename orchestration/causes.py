"""What the ledger calls the movements that sessions cause."""

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from credits.causes import Cause
from orchestration.models import Turn


def describe_turns(user: User, ids: Collection[UUID]) -> dict[UUID, Cause]:
    """Name the session of each of the user's own turns among `ids`."""
    mine = Turn.objects.filter(pk__in=ids, session__owner=user).values_list(
        "pk", "session_id", "session__title"
    )
    return {
        turn_id: Cause(label=title, url=reverse("orchestration:session", args=[session_id]))
        for turn_id, session_id, title in mine
    }
