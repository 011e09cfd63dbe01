"""The page of one's credits: what is left, its use, its history."""

from typing import cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.services.verification import is_verified
from credits.dashboard import dashboard_of
from credits.history import GROUPS, page_of


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """The reader's credits: what is left, until when, where they went, and what happened to them."""
    user = cast(User, request.user)
    shown = request.GET.get("show", "")
    page = page_of(
        user,
        group=shown,
        older_than=_number(request.GET.get("before")),
        newer_than=_number(request.GET.get("after")),
    )
    dashboard = dashboard_of(user, month=request.GET.get("month", ""))
    is_new = not page.lines and not shown and not dashboard.balance.whole
    context = {
        "dashboard": dashboard,
        "balance": dashboard.balance,
        "wallet": dashboard.balance,  # the header's meter: it shall not ask again
        "page": page,
        "is_new": is_new,
        "is_verified": is_new and is_verified(user=user),
        "shown": shown if shown in GROUPS else "",
        "groups": GROUPS,
        "previous_url": _address(shown, after=page.newer_than),
        "next_url": _address(shown, before=page.older_than),
    }
    return render(request, "credits/overview.html", context)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _address(shown: str, **place: int | None) -> str:
    """The address of a neighbouring page; nothing where there is none."""
    given = {name: number for name, number in place.items() if number is not None}
    return f"?{urlencode({'show': shown, **given} if shown else given)}" if given else ""
