"""The settings pages: profile, preferences, security."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import PreferencesForm, ProfileForm
from accounts.models import User
from accounts.models_offered import offered_to
from accounts.security import overview
from accounts.services.profile import change_preferences, choose_theme, update_profile
from config.common.errors import Invalid

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@_form_page
def profile(request: HttpRequest) -> HttpResponse:
    """Name and time zone."""
    user = _user(request)
    # The form validates its own copy: what was refused must not show up elsewhere on the page.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if form.is_valid():
        update_profile(user=user, **form.cleaned_data)
        return _saved(request, "accounts:profile")
    return render(request, "accounts/profile.html", {"form": form}, status=_status(form.is_bound))


@login_required
@_form_page
def preferences(request: HttpRequest) -> HttpResponse:
    """How the studio behaves."""
    user = _user(request)
    form = PreferencesForm(
        request.POST or None, initial=user.preferences.model_dump(mode="json"), offered=offered_to(user)
    )
    if form.is_valid():
        try:
            change_preferences(user=user, **form.changes())
        except Invalid as error:
            form.take(error)
        else:
            return _saved(request, "accounts:preferences")
    return render(request, "accounts/preferences.html", {"form": form}, status=_status(form.is_bound))


@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """How one signs in, and from where."""
    return render(request, "accounts/security.html", {"security": overview(user=_user(request))})


@login_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or as the machine; answers 204."""
    choose_theme(user=_user(request), theme=request.POST.get("theme", ""))
    return HttpResponse(status=204)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _status(refused: bool) -> int:
    return 422 if refused else 200


def _saved(request: HttpRequest, to: str) -> HttpResponse:
    messages.success(request, "Saved.")
    return redirect(to)
