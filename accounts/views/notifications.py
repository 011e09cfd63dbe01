"""The pages of notices: the list, the bell, the switches, and the link that ends mails."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import SwitchesForm
from accounts.models import Notification, User
from accounts.notifications.kinds import RULES
from accounts.notifications.unsubscribing import read_token
from accounts.services import notices
from accounts.services.switches import end_mails, switch_notices
from config.common.pages import page_of


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """One's notices, newest first; `?show=unread` keeps those not read yet."""
    shown = Notification.objects.shown_to(_user(request)).order_by("-created_at", "-id")
    only_unread = request.GET.get("show") == "unread"
    context = {"only_unread": only_unread, **page_of(request, shown.unread() if only_unread else shown)}
    return render(request, "accounts/notifications.html", context)


@login_required
@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The bell of the header; 204 where it shows what `?seen=` says already."""
    unread = notices.unread_count(_user(request))
    if request.GET.get("seen") == str(unread):
        return HttpResponse(status=204)
    return render(request, "components/bell.html", {"unread": unread})


@login_required
@require_POST
def open_notice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark a notice as read and go where it leads."""
    notice = notices.mark_read(user=_user(request), notification_id=pk)
    return redirect(notice.url or "notices:list")


@login_required
@require_POST
def read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark a notice as read and stay."""
    notices.mark_read(user=_user(request), notification_id=pk)
    return _back_to_list(request)


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    notices.mark_all_read(user=_user(request))
    return _back_to_list(request)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def switches(request: HttpRequest) -> HttpResponse:
    """What is told, and how."""
    user = _user(request)
    form = SwitchesForm(request.POST or None, preferences=user.preferences)
    if form.is_valid():
        switch_notices(user=user, switches=form.switches())
        messages.success(request, "Saved.")
        return redirect("accounts:notifications")
    return render(request, "accounts/notification_switches.html", {"form": form})


@csrf_exempt  # mail programs post here for their reader; the token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End mails of one kind by the link in a mail: asked on opening, since scanners open links, too."""
    found = read_token(token)
    if found is None:
        raise Http404
    user, kind = found
    if request.method == "POST":
        end_mails(user=user, kind=kind)
    context = {"label": RULES[kind].label, "is_done": request.method == "POST"}
    return render(request, "accounts/notification_unsubscribe.html", context)


def _back_to_list(request: HttpRequest) -> HttpResponse:
    """Return to the list as it was: all of it, or what is unread."""
    address = redirect("notices:list")
    if request.POST.get("show") == "unread":
        address["Location"] += "?show=unread"
    return address


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
