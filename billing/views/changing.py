"""Changing, ending and keeping a plan that is paid for: each shown in full before it is done."""

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from billing import entitlements
from billing.comparison import on_sale
from billing.models import PlanTerms
from billing.services import changes, portal
from billing.subscribing.losses import losses
from billing.subscribing.membership import Membership, membership_of
from billing.views.requests import attempt_key, interval_of, reader
from config.common.errors import Invalid
from config.common.figures import day
from config.common.limiting import costly


def preview(request: HttpRequest, *, member: Membership, plan: str, interval: str) -> HttpResponse:
    """Show what a change to `plan` costs now and later, and what it takes away; nothing is changed."""
    user = reader(request)
    shown = changes.preview(user=user, plan=plan, interval=interval)
    to = on_sale(plan)
    context = {
        "preview": shown,
        "charge_cents": shown.due_now_cents + shown.credit_cents,
        "to": to,
        "interval": interval,
        "member": member,
        "losses": losses(user, to=to.limits),
    }
    return render(request, "billing/change.html", context)


@costly
@login_required
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Agree to a change as its page showed it."""
    plan, interval = request.POST.get("plan", ""), interval_of(request)
    shown_at = _moment(request.POST.get("proration_date", ""))
    user = reader(request)
    changes.apply(
        user=user,
        plan=plan,
        interval=interval,
        proration_date=shown_at,
        key=attempt_key(request, "change", plan, interval),
    )
    entitlements.forget(user)
    messages.success(request, _done(membership_of(user)))
    return redirect("billing:overview")


@costly
@login_required
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back a change that was to come."""
    changes.undo(user=reader(request), key=attempt_key(request, "undo"))
    messages.success(request, "The change is undone. Your plan goes on as it is.")
    return redirect("billing:overview")


@costly
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest) -> HttpResponse:
    """What stays and until when; sent, the plan ends with the time that is paid for."""
    user = reader(request)
    if request.method == "POST":
        changes.cancel(user=user, key=attempt_key(request, "cancel"))
        messages.success(request, "Cancelled. Nothing more is charged, and you can still change your mind.")
        return redirect("billing:overview")
    member = membership_of(user)
    if not member.can_cancel:
        return redirect("billing:overview")
    free = PlanTerms.objects.free()
    context = {"member": member, "free": free, "losses": losses(user, to=free.limits) if free else None}
    return render(request, "billing/cancel.html", context)


@costly
@login_required
@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """Keep a plan that was cancelled and still runs."""
    changes.resume(user=reader(request), key=attempt_key(request, "resume"))
    messages.success(request, "Your plan goes on. It renews as before.")
    return redirect("billing:overview")


@costly
@login_required
@require_POST
def to_portal(request: HttpRequest) -> HttpResponse:
    """Go to Stripe's pages for cards, addresses and invoices."""
    return redirect(portal.open(user=reader(request)))


def _done(member: Membership) -> str:
    """Say what a change has led to, as far as Stripe has told."""
    if member.next_price and member.paid and member.paid.next_at:
        return f"{member.next_price.terms.name} begins on {day(member.paid.next_at)}. You can still undo it."
    return f"You are on {member.mine.plan_name} now."


def _moment(seconds: str) -> datetime | None:
    """Return the moment that the preview was reckoned for; None where it needed none."""
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid("Ask for the change once more: what it costs was not sent along.") from error
