"""The checkout page: what is bought, for how much, and a card."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from billing.sandbox.api import paying
from billing.sandbox.api.checkout import KIND
from billing.sandbox.errors import ApiError
from billing.sandbox.pages.common import Redirect, found, page, place_of
from billing.sandbox.pages.forms import CardForm, PromotionForm, prefilled
from billing.sandbox.store import Object
from billing.sandbox.world import World

DAY = 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest, id: str) -> HttpResponse:
    """Show an open session; take a promotion code or a card; lead back to the shop when it is paid."""
    world, session = found(KIND, id)
    card_form = CardForm(initial=prefilled(request.GET.get("card", "")))
    code_form, refusal = PromotionForm(), ""
    if request.method == "POST" and session["status"] == "open":
        act = request.POST.get("act")
        try:
            if act in ("use_code", "remove_code"):
                code_form = PromotionForm(request.POST if act == "use_code" else {"code": " "})
                session = paying.set_code(
                    world, id, request.POST.get("code", "") if act == "use_code" else ""
                )
                return Redirect(request.path)
            card_form = CardForm(request.POST) if paying.needs_card(world, session) else card_form
            if not card_form.is_bound or card_form.is_valid():
                typed = card_form.card if card_form.is_bound else {"number": ""}
                session = paying.complete(world, id, **typed)
        except ApiError as error:
            if act == "use_code":
                code_form.add_error("code", error.message)
            else:
                refusal = card_form.refuse(error)
            session = world.store.get(KIND, id)
    if session["status"] == "complete":
        return Redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))
    context = {
        **_about(world, session),
        "card_form": card_form,
        "code_form": code_form,
        "refusal": refusal,
    }
    return page(request, "checkout" if session["status"] == "open" else "checkout_over", context)


def _about(world: World, session: Object) -> dict[str, Any]:
    asked = world.store.notes(session["id"])
    lines = session["line_items"]["data"]
    recurring = next((line for line in lines if line["price"]["recurring"]), None)
    trial_days = _trial_days(world, session, asked)
    code = next((entry["promotion_code"] for entry in session["discounts"] if entry["promotion_code"]), None)
    return {
        "session": session,
        "lines": lines,
        "recurring": recurring["price"] if recurring else None,
        "each_time": sum(
            line["price"]["unit_amount"] * line["quantity"] for line in lines if line["price"]["recurring"]
        ),
        "trial_days": trial_days,
        "needs_card": paying.needs_card(world, session),
        "code": world.store.get("promotion_code", code)["code"] if code else "",
        "back": session["cancel_url"],
        "place": place_of(session["cancel_url"] or session["success_url"]),
        "now": world.now(session),
    }


def _trial_days(world: World, session: Object, asked: Mapping[str, Any]) -> int:
    data = asked["subscription_data"]
    if data.get("trial_end"):
        return -(-(int(data["trial_end"]) - world.now(session)) // DAY)
    return int(data.get("trial_period_days") or 0)
