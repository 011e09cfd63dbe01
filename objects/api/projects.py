"""The API of projects."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from objects import read_only
from objects.api.fields import caller, flag
from objects.api.serializers import ProjectBody
from objects.models import Project
from objects.models.project import ProjectQuerySet
from objects.services import archive_project, create_project, restore_project, update_project

_EXAMPLE = OpenApiExample(
    "A project",
    value={
        "title": "Harbour stories",
        "genre": "Literary",
        "description": "Six linked stories for the spring collection.",
        "synopsis": "A keeper enters in his ledger whatever the sea brings.",
        "default_agents": [{"role": "writer"}, {"role": "style_editor", "model": "house"}],
    },
    request_only=True,
)


def _mine(request: Request) -> ProjectQuerySet:
    """Return what the caller may see, each marked as the plan has it."""
    user = caller(request)
    return read_only.mark_projects(Project.objects.visible_to(user), user)


def _told(request: Request, project: Project, *, code: int = status.HTTP_200_OK) -> Response:
    """Answer with a project that was just changed."""
    project.is_read_only = read_only.refusal_for(caller(request), project.pk) is not None
    return Response(ProjectBody(project).data, status=code)


@extend_schema_view(
    get=extend_schema(
        operation_id="projects_list",
        tags=["projects"],
        parameters=[OpenApiParameter("archived", bool, description="List the archived ones instead")],
    )
)
class ProjectList(generics.ListAPIView[Project]):
    """The caller's projects, newest first."""

    serializer_class = ProjectBody
    queryset = Project.objects.none()

    def get_queryset(self) -> QuerySet[Project]:
        """Current ones, or with `?archived=true` those put away."""
        found = _mine(self.request)
        return found.archived() if flag(self.request, "archived") else found.current()

    @extend_schema(
        operation_id="projects_create",
        tags=["projects"],
        request=ProjectBody,
        responses={201: ProjectBody},
        examples=[_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Create a project; 403 `limit_reached` names the plan that has room for another."""
        body = ProjectBody(data=request.data)
        body.is_valid(raise_exception=True)
        project = create_project(owner=caller(request), fields=body.validated_data)
        return _told(request, project, code=status.HTTP_201_CREATED)


@extend_schema_view(get=extend_schema(operation_id="projects_retrieve", tags=["projects"]))
class ProjectDetail(generics.RetrieveAPIView[Project]):
    """One project."""

    serializer_class = ProjectBody
    queryset = Project.objects.none()

    def get_queryset(self) -> QuerySet[Project]:
        """Only what the caller may see."""
        return _mine(self.request)

    @extend_schema(
        operation_id="projects_partial_update",
        tags=["projects"],
        request=ProjectBody(partial=True),
        responses=ProjectBody,
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change what is sent, leave the rest; 403 `limit_reached` for a project that is read-only."""
        body = ProjectBody(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        fields: Any = body.validated_data
        return _told(request, update_project(project_id=pk, user=caller(request), fields=fields))

    @extend_schema(operation_id="projects_archive", tags=["projects"], responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Archive the project: it is hidden with its documents, and can be restored."""
        archive_project(project_id=pk, user=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProjectRestore(APIView):
    """Bringing a project back."""

    @extend_schema(operation_id="projects_restore", tags=["projects"], request=None, responses=ProjectBody)
    def post(self, request: Request, pk: UUID) -> Response:
        """Restore an archived project; 403 `limit_reached` where the plan has no room for it."""
        return _told(request, restore_project(project_id=pk, user=caller(request)))
