"""The pages of receipts: who wrote which words of a version and what they cost, and a session's bill."""

from collections import Counter
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from config.common.errors import Missing
from objects import history
from objects.painting import paint
from objects.provenance import Passage
from objects.rendering import to_html
from orchestration.receipts.bills import bills_of
from orchestration.receipts.composing import Receipts, Written, receipts_of
from orchestration.views.session import find


@require_safe
@login_required
def page(request: UserRequest, pk: UUID, number: int) -> HttpResponse:
    """A version with every passage a way to its receipt; `?passage=` opens one without a script."""
    document = history.browsable(document_id=pk, user=request.user)
    version = history.version(document, number)
    receipts = receipts_of(document, version, user=request.user)
    asked = request.GET.get("passage", "")
    chosen = _passage(receipts, int(asked)) if asked.isdecimal() and len(asked) < 9 else None
    context = {
        "document": document,
        "version": version,
        "html": _painted(receipts, pk, chosen),
        "runs": receipts.runs,
        "shares": _shares(receipts),
        "chosen": chosen,
    }
    return render(request, "orchestration/receipts.html", context)


@require_safe
@login_required
def passage(request: UserRequest, pk: UUID, number: int, place: int) -> HttpResponse:
    """The receipt of one passage, for the panel beside the text."""
    document = history.browsable(document_id=pk, user=request.user)
    receipts = receipts_of(document, history.version(document, number), user=request.user)
    return render(
        request, "orchestration/_receipt.html", {"document": document, "chosen": _passage(receipts, place)}
    )


@require_safe
@login_required
def bill(request: UserRequest, pk: UUID) -> HttpResponse:
    """What each turn of a session held, cost and gave back, and why."""
    session = find(request, pk)
    bills = bills_of(session.owner, [session])[session]
    context = {
        "session": session,
        "bills": bills,
        "held": sum(one.held for one in bills),
        "credits": sum(one.credits for one in bills),
        "came_back": sum(one.came_back for one in bills),
    }
    return render(request, "orchestration/bill.html", context)


def _passage(receipts: Receipts, number: int) -> Written:
    """Return the passage with this number; raise Missing."""
    if not 1 <= number <= len(receipts.passages):
        raise Missing("There is no such passage.")
    return receipts.passages[number - 1]


def _painted(receipts: Receipts, pk: UUID, chosen: Written | None) -> SafeString:
    """Draw the passages as links; those of one author look alike."""
    number = receipts.version.number
    url = reverse("receipts", args=[pk, number])
    written = receipts.passages

    def link(passage: Passage) -> str:
        one = written[passage.number - 1]
        return format_html(
            '<a class="passage" data-by="{}" href="?passage={}#receipt" hx-get="{}{}/"{}>',
            one.kind,
            passage.number,
            url,
            passage.number,
            mark_safe(' aria-current="true"') if one is chosen else "",
        )

    # to_html sanitises; what is drawn into it after that is numbers and fixed words alone.
    body = receipts.version.body
    return mark_safe(paint(str(to_html(body)), body, [one.passage for one in written], link))  # noqa: S308


def _shares(receipts: Receipts) -> list[tuple[str, str, int]]:
    """Return who wrote how many hundredths of the text: kind, name, share; the largest first."""
    weights: Counter[tuple[str, str]] = Counter()
    for one in receipts.passages:
        weights[one.kind, one.byline] += one.passage.weight
    whole = weights.total() or 1
    return [
        (kind, name, min(round(100 * weight / whole), 100 if weight == whole else 99))
        for (kind, name), weight in weights.most_common()
    ]
