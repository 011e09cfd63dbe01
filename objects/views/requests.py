"""What every page of this app begins with: who asks, for which row."""

from collections.abc import Callable
from functools import wraps
from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from accounts.models import User
from objects import read_only
from objects.models import Document, Project

View = Callable[..., HttpResponse]


def page(*methods: str) -> Callable[[View], View]:
    """Make a signed-in page that answers `methods` only."""

    def decorate(view: View) -> View:
        return wraps(view)(require_http_methods(list(methods))(login_required(view)))

    return decorate


def reader(request: HttpRequest) -> User:
    """Return the signed-in user."""
    return cast(User, request.user)


def sent(request: HttpRequest) -> QueryDict | None:
    """Return what a form sent; None when it was only opened."""
    return request.POST if request.method == "POST" else None


def own_project(request: HttpRequest, pk: UUID) -> Project:
    """Return a project the reader may see, marked as the plan has it; 404 otherwise."""
    mine = Project.objects.visible_to(reader(request))
    return get_object_or_404(read_only.mark_projects(mine, reader(request)), pk=pk)


def own_document(request: HttpRequest, pk: UUID) -> Document:
    """Return a document the reader may see, with its project, marked as the plan has it; 404 otherwise."""
    mine = Document.objects.visible_to(reader(request)).select_related("project")
    return get_object_or_404(read_only.mark_contents(mine, reader(request)), pk=pk)
