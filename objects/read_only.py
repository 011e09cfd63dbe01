"""What is beyond the plan after a change to a smaller one: read and not changed. Decided here alone.

A plan of so many projects lets its owner work in as many: those that are not archived come first, and of
these the ones last worked on. What is read-only cannot be worked on, so that which ones stay changes only
with the plan, or when one is archived, restored or deleted. Nothing of it is stored: a larger plan gives
everything back at once.
"""

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from accounts.models import User
from billing import entitlements
from billing.entitlements import Decision
from config.common import clock
from objects import quotas
from objects.errors import ReadOnly
from objects.models import Project

P = TypeVar("P", bound=QuerySet[Any])


def writable(found: P, user: User) -> P:
    """Keep those of the user's own projects that the plan lets them work in."""
    return found.filter(_is_kept("pk", user))


def mark_projects(found: P, user: User) -> P:
    """Add `is_read_only` to the user's own projects, in the same query."""
    return _marked(found, ~_is_kept("pk", user))


def mark_contents(found: P, user: User) -> P:
    """Add `is_read_only` to what the user keeps, in the same query; what is in no project never is."""
    return _marked(found, Q(project__isnull=False) & ~_is_kept("project", user))


def refusal_for(user: User, *projects: UUID | None) -> ReadOnly | None:
    """Return why nothing in one of these projects of the user's own may change; None where it may."""
    asked = {project for project in projects if project is not None}
    if not asked or entitlements.limits_for(user).projects is None:
        return None
    kept = set(writable(Project.objects.filter(pk__in=asked), user).values_list("pk", flat=True))
    beyond = next((project for project in projects if project in asked - kept), None)
    return None if beyond is None else _refusal(user, beyond)


def require_writable(user: User, *projects: UUID | None) -> None:
    """Raise ReadOnly where one of these projects of the user's own is beyond the plan."""
    refusal = refusal_for(user, *projects)
    if refusal is not None:
        raise refusal


def work_on(user: User, project_id: UUID | None) -> None:
    """Note that something in a project of the user's own changes now; raise ReadOnly where it may not."""
    if project_id is not None and not note_work(user, project_id):
        raise _refusal(user, project_id)


def note_work(user: User, project_id: UUID | None) -> bool:
    """Make the project the one last worked on, if the plan carries it; return whether it does.

    One that is read-only keeps its place, so that nothing written in it puts another one out.
    """
    if project_id is None:
        return True
    mine = Project.objects.filter(pk=project_id)
    return bool(writable(mine, user).update(worked_at=clock.now()))


def _is_kept(field: str, user: User) -> Q:
    """Return the condition that the project which `field` names is one that the plan carries."""
    most = entitlements.limits_for(user).projects
    if most is None:
        return Q(**{f"{field}__isnull": False})
    mine = Project.objects.filter(owner=user).in_order_of_work()
    return Q(**{f"{field}__in": mine.values("pk")[:most]})


def _marked(found: P, condition: Q) -> P:
    rows: Any = found  # the models declare what this adds
    marked: P = rows.annotate(is_read_only=ExpressionWrapper(condition, output_field=BooleanField()))
    return marked


def _refusal(user: User, project_id: UUID) -> ReadOnly:
    """Put into words, with the plan that would carry all of them, why a project is read-only."""
    project = Project.objects.only("title", "archived_at").get(pk=project_id)
    decision = Decision(
        limit="projects",
        used=quotas.projects_used(user),
        adding=1 if project.is_archived else 0,
        maximum=entitlements.limits_for(user).projects,
    )
    return ReadOnly(title=project.title, refusal=entitlements.refusal(user=user, decision=decision))
