"""The pages of the history: lines by what one looks for, and the same lines as a file."""

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from config.common.downloads import Download
from credits import exports
from credits.filtering import HistoryForm
from credits.history import page_of

_FORMATS = {
    "csv": (exports.as_csv, exports.CSV),
    "json": (exports.as_json, exports.JSON),
}


@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponse:
    """Every movement of the reader's credits, newest first, filtered as the query says."""
    user = cast(User, request.user)
    form = HistoryForm(user, request.GET)
    page = page_of(
        user,
        wanted=form.wanted(),
        older_than=number_of(request.GET.get("before")),
        newer_than=number_of(request.GET.get("after")),
    )
    asked = {name: value for name in form.fields if (value := request.GET.get(name))}
    context = {
        "form": form,
        "page": page,
        "is_filtered": bool(asked),
        "query": urlencode(asked),
        "previous_url": _address(asked, after=page.newer_than),
        "next_url": _address(asked, before=page.older_than),
    }
    return render(request, "credits/history.html", context)


@require_safe
@login_required
def export(request: HttpRequest, extension: str) -> HttpResponseBase:
    """The filtered history as a file, streamed."""
    user = cast(User, request.user)
    write, content_type = _FORMATS[extension]
    parts = write(user, HistoryForm(user, request.GET).wanted(), site=settings.SITE_URL)
    return Download(parts, name=f"atelier-credits.{extension}", content_type=content_type)


def number_of(text: str | None) -> int | None:
    """Return the number of an entry that a query names; None for what is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _address(asked: dict[str, Any], **place: int | None) -> str:
    """The address of a neighbouring page; nothing where there is none."""
    given = {name: number for name, number in place.items() if number is not None}
    return f"?{urlencode({**asked, **given})}" if given else ""
