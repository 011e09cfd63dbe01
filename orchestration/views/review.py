"""What the review panel of a session shows: the changes of the round, each to be kept or undone."""

from collections.abc import Collection
from typing import Any

from objects.views.choices import laid_out
from orchestration import services
from orchestration.models import Session


def review_context(session: Session, *, accepted: Collection[int] | None = None) -> dict[str, Any] | None:
    """Return what `_review.html` shows of a session that waits for review, else None.

    `comparison` is missing where the round changed nothing; `accepted` are the changes kept so far, by
    default all of them.
    """
    if not session.is_awaiting_review:
        return None
    following = f"go on to round {session.round + 1}" if session.round < session.max_rounds else "finish"
    found = services.changes_of_round(session)
    if found is None:
        return {"following": following}
    return {
        "following": following,
        "comparison": found,
        "revision": session.document.revision,
        **laid_out(found, accepted=accepted),
    }
