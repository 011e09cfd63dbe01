"""The page of an order: choose a text, start, watch, read the report."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import UserRequest
from billing.entitlements import limits_for
from config.common.limiting import costly
from objects.models import Document
from objects.views.documents import ACCEPTED
from orchestration.commissions import COMMISSIONS
from orchestration.forms import OrderForm
from orchestration.models import ServiceOrder, Session, Turn
from orchestration.presenting import finding_cards, seats, tally
from orchestration.services import start_order, start_order_on_file
from orchestration.workflow.terms import Role, TurnStatus

_CHOICES = 100


@costly
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def order(request: UserRequest, pk: UUID) -> HttpResponse:
    """Show where an order stands; start it on the text that is sent."""
    orders = ServiceOrder.objects.visible_to(request.user).select_related("session__document", "payment")
    found = get_object_or_404(orders, pk=pk)
    if found.state != ServiceOrder.State.WAITING:
        return redirect("orchestration:order", pk) if request.method == "POST" else _show(request, found)
    documents = Document.objects.visible_to(request.user).order_by("-updated_at")
    form = OrderForm(request.POST or None, request.FILES or None, documents=list(documents[:_CHOICES]))
    if form.is_valid() and form.attempt(lambda: _start(request, found, form)) is not None:
        return redirect("orchestration:order", pk)
    limits = limits_for(request.user)
    choice = {
        "form": form,
        "accept": ACCEPTED,
        "max_bytes": limits.file_bytes,
        "max_words": _most_words(found, limits.words_per_document),
    }
    return _show(request, found, status=form.status, **choice)


def _most_words(found: ServiceOrder, of_plan: int | None) -> int | None:
    return None if of_plan is None else max(of_plan, COMMISSIONS[found.service].most_words)


def _start(request: UserRequest, found: ServiceOrder, form: OrderForm) -> ServiceOrder:
    """Begin with the file, else with the text that was chosen."""
    if form.cleaned_data["file"]:
        return start_order_on_file(order_id=found.pk, user=request.user, file=form.cleaned_data["file"])
    return start_order(order_id=found.pk, user=request.user, document=form.cleaned_data["document"])


def _show(request: UserRequest, found: ServiceOrder, *, status: int = 200, **choice: Any) -> HttpResponse:
    context = {
        "order": found,
        "state": found.state,
        "commission": COMMISSIONS[found.service],
        "session": found.session,
        **choice,
        **(_report(found.session) if found.session else {}),
    }
    return render(request, "orchestration/order.html", context, status=status)


def _report(session: Session) -> dict[str, Any]:
    """Return what the panel has said so far: each reader's place, the report, the findings."""
    roles = list(session.roles.all())
    turns = list(Turn.objects.standing().filter(session=session).select_related("role"))
    findings = list(session.findings.select_related("turn__role").order_by("number"))
    cards = finding_cards(findings)
    report = next(
        (t for t in turns if t.role.role == Role.SYNTHESIZER and t.status == TurnStatus.FINISHED), None
    )
    return {
        "seats": seats(roles, turns, session.round, counts=tally(findings), details=True),
        "report": report.text if report else "",
        "findings": [card for card in cards if card.state != "rejected"],
        "set_aside": [card for card in cards if card.state == "rejected"],
    }
