"""Which agents, on which texts, the credits of a wallet were spent."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import JSONObject
from django.urls import reverse

from accounts.models import User
from credits.causes import Cause
from credits.models.entry import EntryQuerySet
from credits.shares import Piece
from orchestration.models import Turn
from orchestration.workflow.terms import Role


def divide_turns(user: User, spent: EntryQuerySet) -> Iterator[Piece]:
    """Divide settlements of turns by the agent's role and the session's document, if it is the user's own.

    One query: each turn is looked up where its settlement is read. A document in the trash leads there.
    """
    work = Turn.objects.filter(pk=OuterRef("reference_id"), session__owner=user).values(
        work=JSONObject(
            role="role__role",
            document="session__document_id",
            title="session__document__title",
            trashed="session__document__deleted_at",
        )
    )
    rows = spent.values(work=Subquery(work[:1])).annotate(paid=Sum(-F("amount"))).order_by()
    for row in rows:
        if row["work"] is not None:
            yield Piece(agent=Role(row["work"]["role"]).label, text=_text(row["work"]), credits=row["paid"])


def _text(work: dict[str, str | None]) -> Cause:
    if work["trashed"]:
        return Cause(f"{work['title']}, in the trash", reverse("objects:trash"))
    return Cause(str(work["title"]), reverse("objects:document", args=[UUID(str(work["document"]))]))
