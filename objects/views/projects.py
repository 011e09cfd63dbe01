"""Pages of projects."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from billing import entitlements
from config.common.pages import page_of
from objects import read_only
from objects.errors import ReadOnly
from objects.models import Document, Project
from objects.services import archive_project, create_project, restore_project, update_project
from objects.services.projects import ProjectFields
from objects.views.forms import ProjectForm
from objects.views.requests import own_project, page, reader, sent


@page("GET", "HEAD")
def index(request: HttpRequest) -> HttpResponse:
    """The writer's projects, and with `?archived=1` those put away."""
    user, archived = reader(request), bool(request.GET.get("archived"))
    mine = Project.objects.visible_to(user)
    shown = mine.archived() if archived else mine.current()
    shown = read_only.mark_projects(shown.with_document_counts(), user).order_by("-worked_at", "-pk")
    context = {
        "archived": archived,
        "current_count": mine.current().count(),
        "archived_count": mine.archived().count(),
        "most": entitlements.limits_for(user).projects,
        "loose_count": Document.objects.visible_to(user).filter(project=None).count(),
        **page_of(request, shown),
    }
    return render(request, "objects/projects.html", context)


@page("GET", "HEAD", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """A new project."""
    form = ProjectForm(sent(request))
    if form.is_valid():
        fields = _fields(form)
        made = form.attempt(lambda: create_project(owner=reader(request), fields=fields))
        if made is not None:
            return redirect("objects:project", made.pk)
    return render(request, "objects/project_form.html", {"form": form}, status=form.status)


@page("GET", "HEAD")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One project with its documents."""
    project = own_project(request, pk)
    documents = Document.objects.visible_to(reader(request)).filter(project=project)
    context = {
        "project": project,
        "new_url": f"{reverse('objects:document_new')}?project={project.pk}",
        "read_only": _refusal(request, project),
        **page_of(request, documents),
    }
    return render(request, "objects/project.html", context)


@page("GET", "HEAD", "POST")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a project is called and about."""
    project = own_project(request, pk)
    known = {name: getattr(project, name) for name in ProjectForm.base_fields}
    form = ProjectForm(sent(request), initial=known)
    if form.is_valid():
        fields = _fields(form)
        if form.attempt(lambda: update_project(project_id=pk, user=reader(request), fields=fields)):
            messages.success(request, "Saved.")
            return redirect("objects:project", pk)
    context = {"form": form, "project": project, "read_only": _refusal(request, project)}
    return render(request, "objects/project_form.html", context, status=form.status)


@page("POST")
def archive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a project away."""
    project = archive_project(project_id=pk, user=reader(request))
    messages.success(request, f"“{project.title}” is archived with its documents. Nothing is lost.")
    return redirect("objects:projects")


@page("POST")
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring a project back."""
    project = restore_project(project_id=pk, user=reader(request))
    messages.success(request, f"“{project.title}” is back.")
    return redirect("objects:project", pk)


def _refusal(request: HttpRequest, project: Project) -> ReadOnly | None:
    """Return why a project that is read-only is; None for one that is not."""
    return read_only.refusal_for(reader(request), project.pk) if project.is_read_only else None


def _fields(form: ProjectForm) -> ProjectFields:
    """Return a valid form's fields as the services take them."""
    data = form.cleaned_data
    return {
        "title": data["title"],
        "genre": data["genre"],
        "description": data["description"],
        "synopsis": data["synopsis"],
    }
