"""The billing portal: a customer's plan, cards and invoices."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from billing.sandbox import engine
from billing.sandbox.api import paying, payment_methods
from billing.sandbox.api.portal import KIND
from billing.sandbox.errors import ApiError
from billing.sandbox.pages.common import Redirect, found, page, place_of
from billing.sandbox.pages.forms import CardForm, prefilled
from billing.sandbox.store import Object
from billing.sandbox.world import World

_OVER = ("canceled", "incomplete_expired")


@require_http_methods(["GET", "HEAD", "POST"])
def portal(request: HttpRequest, id: str) -> HttpResponse:
    """Show the portal to the customer for whom it was opened, and do what its buttons say."""
    world, session = found("billing_portal.session", id)
    customer = world.store.look("customer", session["customer"])
    if customer is None:
        raise Http404("customer")
    features = world.store.get(KIND, session["configuration"])["features"]
    card_form, refusal = CardForm(initial=prefilled(request.GET.get("card", ""))), ""
    if request.method == "POST":
        if request.POST.get("act") == "add_card":
            card_form = CardForm(request.POST)
        try:
            if not card_form.is_bound or card_form.is_valid():
                with world.store.change():
                    _act(world, request, customer, features, card_form)
                return Redirect(request.path)
        except ApiError as error:
            refusal = card_form.refuse(error)
    context = {**_about(world, customer), "session": session, "features": features}
    context.update(card_form=card_form, refusal=refusal, place=place_of(session["return_url"]))
    return page(request, "portal", context)


def _act(world: World, request: HttpRequest, customer: Object, features: Object, card_form: CardForm) -> None:
    act, target = request.POST.get("act", ""), request.POST.get("target", "")
    if act in ("add_card", "make_default", "remove_card") and features["payment_method_update"]["enabled"]:
        if act == "add_card":
            method = paying.add_card(world, customer["id"], **card_form.card)
            _make_default(world, customer, method["id"])
            return
        method = world.store.get("payment_method", target)
        if method["customer"] != customer["id"]:
            raise Http404("payment_method")
        if act == "make_default":
            _make_default(world, customer, target)
        else:
            payment_methods.detach_from_customer(world, method)
    elif act in ("cancel", "resume") and features["subscription_cancel"]["enabled"]:
        subscription = world.store.get("subscription", target)
        if subscription["customer"] != customer["id"]:
            raise Http404("subscription")
        if act == "cancel" and features["subscription_cancel"]["mode"] == "immediately":
            engine.cancel_subscription(world, target, {})
        else:
            # As Stripe's own portal does with flexible billing: `cancel_at_period_end` stays false.
            ends = "max_period_end" if act == "cancel" else ""
            engine.update_subscription(world, target, {"cancel_at": ends})
    else:
        raise Http404(act)


def _make_default(world: World, customer: Object, method_id: str) -> None:
    engine.set_default_payment_method(world, customer_id=customer["id"], method_id=method_id)


def _about(world: World, customer: Object) -> dict[str, Any]:
    customer_id, store = customer["id"], world.store
    subscriptions = [s for s in store.find("subscription", customer=customer_id) if s["status"] not in _OVER]
    return {
        "customer": store.get("customer", customer_id),
        "subscriptions": [_shown(world, subscription) for subscription in subscriptions],
        "methods": store.find("payment_method", customer=customer_id),
        "invoices": [i for i in store.find("invoice", customer=customer_id) if i["status"] != "draft"],
        "now": world.now(customer),
    }


def _shown(world: World, subscription: Object) -> Object:
    """Return what the page says about a subscription."""
    item = subscription["items"]["data"][0]
    return {
        **subscription,
        "product": world.store.get("product", item["price"]["product"])["name"],
        "price": item["price"],
        "amount": item["price"]["unit_amount"] * item["quantity"],
        "period_end": item["current_period_end"],
        "ends": subscription["cancel_at_period_end"] or subscription["cancel_at"] is not None,
        "owed": _owed(world, subscription),
    }


def _owed(world: World, subscription: Object) -> Object | None:
    """Return the newest invoice of a subscription, where it was tried and is still to be paid."""
    invoice = world.store.look("invoice", subscription["latest_invoice"] or "")
    return invoice if invoice and invoice["status"] == "open" and invoice["attempted"] else None
