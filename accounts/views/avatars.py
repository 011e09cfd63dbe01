"""Settings → Avatars: the personas one writes as, and the switch in the header."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from accounts import avatar_room
from accounts.forms import AvatarForm
from accounts.http import UserRequest
from accounts.models import Avatar
from accounts.services.avatars import (
    activate_avatar,
    add_avatar,
    carried,
    delete_avatar,
    update_avatar,
    writing_as,
)

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@_form_page
def index(request: UserRequest) -> HttpResponse:
    """All avatars, and the primary one to change."""
    return _edit(request, request.user.avatars.get(is_primary=True))


@login_required
@_form_page
def detail(request: UserRequest, pk: UUID) -> HttpResponse:
    """One avatar to change."""
    return _edit(request, get_object_or_404(request.user.avatars, pk=pk))


@login_required
@_form_page
def new(request: UserRequest) -> HttpResponse:
    """One more avatar; the plan is asked before anything is typed."""
    avatar_room.require(user=request.user, held=request.user.avatars.count())
    form = AvatarForm(request.POST or None, instance=Avatar(user=request.user))
    if form.is_valid():
        made = add_avatar(user=request.user, **form.cleaned_data)
        messages.success(request, f"{made.display_name} is here. Switch in the header to write as them.")
        return redirect("accounts:avatars")
    return _page(request, form, None)


def _edit(request: UserRequest, avatar: Avatar) -> HttpResponse:
    form = AvatarForm(request.POST or None, instance=avatar)
    if form.is_valid():
        update_avatar(avatar=avatar, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect(request.path)
    return _page(request, form, avatar)


def _page(request: UserRequest, form: AvatarForm, avatar: Avatar | None) -> HttpResponse:
    held = list(request.user.avatars.order_by("-is_primary", "created_at", "pk"))
    usable = carried(request.user)
    context = {
        "form": form,
        "avatar": avatar,
        "held": held,
        "active": writing_as(request.user),
        "usable": usable,
        "read_only": avatar is not None and avatar not in usable,
    }
    return render(request, "accounts/avatars.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def activate(request: UserRequest, pk: UUID) -> HttpResponse:
    """Write as this avatar from now on; back to the page the switch was on."""
    activate_avatar(user=request.user, avatar_id=pk)
    before, hosts = request.META.get("HTTP_REFERER", ""), {request.get_host()}
    if url_has_allowed_host_and_scheme(before, hosts, require_https=request.is_secure()):
        return redirect(before)
    return redirect("accounts:avatars")


@login_required
@require_POST
def delete(request: UserRequest, pk: UUID) -> HttpResponse:
    """Delete an avatar; its work stays."""
    delete_avatar(user=request.user, avatar_id=pk)
    messages.success(request, "The avatar is gone. What was written as it is kept.")
    return redirect("accounts:avatars")
