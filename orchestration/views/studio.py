"""The desk, and the list of sessions."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from accounts.models import User
from objects import read_only
from objects.models import Document
from orchestration.commissions import COMMISSIONS
from orchestration.models import ServiceOrder, Session
from orchestration.workflow.terms import ENDED, Status

_PAGE = 25
_ON_THE_DESK = 6
_SESSION_ROW = ("title", "status", "round", "max_rounds", "spent", "created_at", "document__title")
"""What `_session_row.html` shows: a session has five times as many columns."""
_DOCUMENT_ROW = ("title", "word_count", "updated_at", "project__title")


@require_safe
@login_required
def desk(request: UserRequest) -> HttpResponse:
    """Show what is at work and what was last written."""
    sessions = list(_session_rows(request.user)[: _ON_THE_DESK * 2])
    documents = Document.objects.visible_to(request.user).select_related("project").only(*_DOCUMENT_ROW)
    return render(
        request,
        "orchestration/studio.html",
        {
            "running": [s for s in sessions if s.status == Status.RUNNING],
            "recent": [s for s in sessions if s.status != Status.RUNNING][:_ON_THE_DESK],
            "documents": list(
                read_only.mark_contents(documents, request.user).order_by("-updated_at")[:_ON_THE_DESK]
            ),
        },
    )


@require_safe
@login_required
def session_list(request: UserRequest) -> HttpResponse:
    """List sessions, newest first."""
    shown = request.GET.get("show", "")
    sessions = _session_rows(request.user)
    if shown == "open":
        sessions = sessions.exclude(status__in=ENDED)
    elif shown == "ended":
        sessions = sessions.filter(status__in=ENDED)
    page = Paginator(sessions, _PAGE).get_page(request.GET.get("page"))
    query = f"&show={shown}" if shown else ""
    return render(
        request,
        "orchestration/session_list.html",
        {
            "sessions": page.object_list,
            "shown": shown,
            "orders": [
                (order, COMMISSIONS[order.service])
                for order in ServiceOrder.objects.visible_to(request.user).waiting()
            ],
            "previous_url": f"?page={page.previous_page_number()}{query}" if page.has_previous() else "",
            "next_url": f"?page={page.next_page_number()}{query}" if page.has_next() else "",
        },
    )


def _session_rows(user: User) -> QuerySet[Session]:
    return Session.objects.visible_to(user).select_related("document").only(*_SESSION_ROW)
