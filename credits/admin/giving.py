"""The pages on which an operator gives, takes, gives back or forgives credits."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from accounts.models import User
from config.common.errors import DomainError
from credits import corrections
from credits.admin.forms import CorrectionForm, GiveBackForm
from credits.models import Correction, Entry, Wallet
from credits.selectors import spendable

Kind = Correction.Kind


def correct(model_admin: ModelAdmin, request: HttpRequest, wallet: Wallet) -> HttpResponse:
    """Show the form for a wallet; do what it asks for once it is sent."""
    form = CorrectionForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        done = _ask(request, form, wallet=wallet, kind=Kind(given["kind"]), expires_at=form.expires_at)
        if done is not None:
            return done
    return _page(model_admin, request, wallet, form, title="Give or take credits")


def give_back(model_admin: ModelAdmin, request: HttpRequest, entry: Entry) -> HttpResponse:
    """Show the form for a charge; give back what it asks for once it is sent."""
    possible = corrections.refundable(entry)
    form = GiveBackForm(request.POST or None, initial={"credits": possible})
    if form.is_valid():
        done = _ask(request, form, wallet=entry.wallet, kind=Kind.REFUND, entry=entry)
        if done is not None:
            return done
    return _page(
        model_admin, request, entry.wallet, form, title="Give back a charge", entry=entry, possible=possible
    )


def forgive(model_admin: ModelAdmin, request: HttpRequest, wallet: Wallet) -> HttpResponse:
    """Show the form for a wallet that owes; forgive what it asks for once it is sent."""
    form = GiveBackForm(request.POST or None, initial={"credits": wallet.owed})
    if form.is_valid():
        done = _ask(request, form, wallet=wallet, kind=Kind.WAIVE)
        if done is not None:
            return done
    return _page(model_admin, request, wallet, form, title="Forgive what is owed", forgives=True)


def _ask(
    request: HttpRequest, form: GiveBackForm, *, wallet: Wallet, kind: Correction.Kind, **more: Any
) -> HttpResponse | None:
    """Do it, and return where to go from here; None where it was refused, which the form then says."""
    given = form.cleaned_data
    try:
        asked = corrections.ask(
            wallet=wallet,
            kind=kind,
            credits=given["credits"],
            reason=given["reason"],
            actor=cast(User, request.user),
            key=f"admin:{given['key']}",
            **more,
        )
    except DomainError as error:
        form.refuse(error.details, error.message)
        return None
    if asked.is_pending:
        messages.info(request, "This waits for a second operator. Nothing has moved yet.")
        return redirect("admin:credits_correction_waiting")
    messages.success(request, f"{asked}: {asked.reason}")
    return redirect("admin:credits_wallet_change", wallet.pk)


def _page(
    model_admin: ModelAdmin, request: HttpRequest, wallet: Wallet, form: GiveBackForm, **more: Any
) -> HttpResponse:
    operator = cast(User, request.user)
    context = {
        **model_admin.admin_site.each_context(request),
        "wallet": wallet,
        "free": spendable(wallet),
        "left_alone": corrections.left_alone(operator),
        "is_own": wallet.owner_id == operator.pk,
        "form": form,
        **more,
    }
    return TemplateResponse(request, "admin/credits/wallet/correct.html", context)
