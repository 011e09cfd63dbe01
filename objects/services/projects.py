"""Verbs on projects."""

from typing import Any, TypedDict
from uuid import UUID

from django.db import transaction

from accounts.models import User
from config.common import clock
from config.common.errors import Missing
from config.common.saving import save_valid
from objects import quotas, read_only, text
from objects.cleaning import clean_title
from objects.models import Project


class ProjectFields(TypedDict, total=False):
    """What a writer may set on a project."""

    title: str
    description: str
    genre: str
    synopsis: str
    default_agents: list[dict[str, Any]]


def _fill(project: Project, fields: ProjectFields) -> None:
    """Set the cleaned `fields` on the project; raise Invalid for a title that is none."""
    if "title" in fields:
        project.title = clean_title(fields["title"])
    if "description" in fields:
        project.description = text.normalise(fields["description"]).strip()
    if "genre" in fields:
        project.genre = text.normalise_line(fields["genre"])
    if "synopsis" in fields:
        project.synopsis = text.normalise(fields["synopsis"]).strip()
    if "default_agents" in fields:
        project.default_agents = fields["default_agents"]


def _editable(project_id: UUID, user: User) -> Project:
    """Return the locked project, or raise Missing."""
    found = Project.objects.editable_by(user).select_for_update().filter(pk=project_id).first()
    if found is None:
        raise Missing("There is no such project.")
    return found


@transaction.atomic
def create_project(*, owner: User, fields: ProjectFields) -> Project:
    """Create a project; raise Refused when the plan has no room for another, Invalid for bad fields."""
    project = Project(owner=owner)
    _fill(project, {"title": "", **fields})
    quotas.require_project(owner)
    save_valid(project)
    return project


@transaction.atomic
def update_project(*, project_id: UUID, user: User, fields: ProjectFields) -> Project:
    """Change the given fields; raise Missing, ReadOnly or Invalid, and then nothing was changed."""
    project = _editable(project_id, user)
    read_only.work_on(user, project.pk)
    _fill(project, fields)
    save_valid(project, fields=[*fields.keys(), "updated_at"])
    return project


@transaction.atomic
def archive_project(*, project_id: UUID, user: User) -> Project:
    """Put the project away: hidden with its documents, kept, no longer counted. Twice is once."""
    project = _editable(project_id, user)
    if project.archived_at is None:
        project.archived_at = clock.now()
        project.save(update_fields=["archived_at", "updated_at"])
    return project


@transaction.atomic
def restore_project(*, project_id: UUID, user: User) -> Project:
    """Bring an archived project back; raise Refused when the plan has no room for it. Twice is once."""
    quotas.hold_still(user)  # before the project's row, as whatever works in a project does
    project = _editable(project_id, user)
    if project.archived_at is not None:
        quotas.require_project(user)
        project.archived_at, project.worked_at = None, clock.now()
        project.save(update_fields=["archived_at", "worked_at", "updated_at"])
    return project
