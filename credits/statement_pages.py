"""The pages of statements: which months there are, one month as a person keeps it, its file."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from config.common.downloads import Download
from credits import exports
from credits.history import lines_of
from credits.history_pages import number_of
from credits.statements import keys
from credits.statements.months import Month
from credits.statements.reading import BALANCE_KINDS, Statement, statement_of, statements_of
from credits.statements.writing import file_name, written

LINES = 500
"""So many lines a page: more than a busy month has, and still one print."""
_MOST_CAUSES = 12
_WORDS = dict(
    zip(
        BALANCE_KINDS,
        ("Granted", "Given back", "Spent", "Expired", "Corrected", "Taken back", "Restored"),
        strict=True,
    )
)


@require_safe
@login_required
def statements(request: HttpRequest) -> HttpResponse:
    """The reader's months, newest first."""
    until = Month.read(request.GET.get("until", ""))
    found = statements_of(cast(User, request.user), until=until, most=13)
    context = {
        "statements": found[:12],
        "next_url": f"?until={found[12].month}" if len(found) > 12 else "",
        "previous_url": "?" if until else "",
    }
    return render(request, "credits/statements.html", context)


@require_safe
@login_required
def statement(request: HttpRequest, month: str) -> HttpResponse:
    """One month: what was there, what came and went, what is left; line by line."""
    user = cast(User, request.user)
    found = _statement(user, month)
    after = number_of(request.GET.get("after")) or found.opening.seq
    rows = list(found.entries.filter(seq__gt=after)[: LINES + 1])
    totals, spent_on = found.totals(), found.spent_on()
    context = {
        "statement": found,
        "lines": lines_of(user, rows[:LINES]),
        "spent_on": spent_on[:_MOST_CAUSES],
        "other_causes": spent_on[_MOST_CAUSES:],
        "other_credits": sum(group.credits for group in spent_on[_MOST_CAUSES:]),
        "totals": [(_WORDS[kind], total) for kind, total in totals.items() if total],
        "first": rows[0].seq if rows else 0,
        "last": rows[:LINES][-1].seq if rows else 0,
        "previous_url": "?" if after > found.opening.seq else "",
        "next_url": f"?after={rows[LINES - 1].seq}" if len(rows) > LINES else "",
        "key": keys.published()[0],
    }
    return render(request, "credits/statement.html", context)


@require_safe
@login_required
def download(request: HttpRequest, month: str) -> HttpResponseBase:
    """The month as the file that proves itself."""
    found = _statement(cast(User, request.user), month)
    return Download(written(found), name=file_name(found), content_type=exports.JSON)


def _statement(user: User, name: str) -> Statement:
    month = Month.read(name)
    if month is None:
        raise Http404
    return statement_of(user, month)
