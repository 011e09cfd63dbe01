"""The page of one's credits: what is left, where it went, what moved last."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.services.verification import is_verified
from credits.dashboard import dashboard_of
from credits.history import lines_of
from credits.selectors import history_of

_LINES = 8


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """The reader's credits: what is left, until when, where they went, and the latest movements."""
    user = cast(User, request.user)
    lines = lines_of(user, list(history_of(user)[:_LINES]))
    dashboard = dashboard_of(user, month=request.GET.get("month", ""))
    is_new = not lines
    context = {
        "dashboard": dashboard,
        "balance": dashboard.balance,
        "wallet": dashboard.balance,  # the header's meter: it shall not ask again
        "page": {"lines": lines},
        "is_new": is_new,
        "is_verified": is_new and is_verified(user=user),
    }
    return render(request, "credits/overview.html", context)
