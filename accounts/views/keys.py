"""Settings → API keys: what programs act with."""

from datetime import timedelta
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import key_gate
from accounts.forms import ApiKeyForm
from accounts.http import UserRequest
from accounts.keys import make_key, revoke_key
from config.common.clock import now


@login_required
@require_safe
def index(request: UserRequest) -> HttpResponse:
    """All keys, and whether the plan lets them work."""
    at = now()
    found = [(key, key.is_expired(at)) for key in request.user.api_keys.order_by("-created_at", "-pk")]
    context = {"keys": found, "refusal": key_gate.refusal(user=request.user)}
    return render(request, "accounts/keys.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
@never_cache
def new(request: UserRequest) -> HttpResponse:
    """Make a key, after the password; the plan is asked before anything is typed."""
    key_gate.require(user=request.user)
    form = ApiKeyForm(request.POST or None)
    if form.is_valid():
        days = form.cleaned_data["days"]
        made = make_key(
            user=request.user,
            name=form.cleaned_data["name"],
            scope=form.cleaned_data["scope"],
            expires_at=now() + timedelta(days=days) if days else None,
        )
        return render(request, "accounts/key_made.html", {"made": made})
    return render(request, "accounts/key_new.html", {"form": form}, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def revoke(request: UserRequest, pk: UUID) -> HttpResponse:
    """Ask, then end a key for good."""
    key = get_object_or_404(request.user.api_keys, pk=pk)
    if request.method == "POST":
        revoke_key(user=request.user, key_id=pk)
        messages.success(request, f"{key.name} is revoked. Whatever used it is shut out from now on.")
        return redirect("accounts:keys")
    return render(request, "accounts/key_revoke.html", {"key": key})
