"""The developer's desk: customers and their time, events and deliveries, and what banks do."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from billing.sandbox import deliveries, engine, running
from billing.sandbox.api import customers
from billing.sandbox.engine.periods import boundary
from billing.sandbox.errors import ApiError
from billing.sandbox.pages.common import Redirect, found, page
from billing.sandbox.pages.forms import DaysForm, RefundForm
from billing.sandbox.store import Object
from billing.sandbox.world import World

SHOWN = 50
DAY = 24 * 3600
_OVER = ("canceled", "incomplete_expired")


@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Show the customers and how the dials stand."""
    world = running.world()
    if request.method == "POST":
        world.dials.reset()
        return Redirect(request.path)
    found = world.store.find("customer")
    rows = [
        {"customer": customer, "now": world.now(customer), "plans": _plans(world, customer)}
        for customer in found[:SHOWN]
    ]
    return page(
        request, "desk", {"rows": rows, "more": len(found) - len(rows), "turned": world.dials.turned()}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def customer(request: HttpRequest, id: str) -> HttpResponse:
    """Show one customer, let their time pass, and do what their bank would."""
    world, shopper = found("customer", id)
    refusal = ""
    if request.method == "POST":
        act = _ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404("act")
        try:
            refusal = act(world, shopper, request) or ""
            if not refusal:
                return Redirect(request.path)
        except ApiError as error:
            refusal = error.message
    return page(request, "customer", {**_about(world, shopper), "refusal": refusal})


@require_http_methods(["GET", "HEAD", "POST"])
def events(request: HttpRequest) -> HttpResponse:
    """Show the newest events and what became of their deliveries; deliver one again."""
    world = running.world()
    if request.method == "POST":
        _, event = found("event", request.POST.get("event", ""))
        deliveries.resend(world.store, event["id"])
        world.wake()
        return Redirect(request.path)
    shown = world.store.newest("event", SHOWN)
    rows = [{"event": event, "deliveries": deliveries.of_event(world.store, event["id"])} for event in shown]
    endpoints = world.store.find("webhook_endpoint")
    return page(request, "events", {"rows": rows, "endpoints": endpoints})


def _plans(world: World, shopper: Object) -> list[str]:
    live = [s for s in world.store.find("subscription", customer=shopper["id"]) if s["status"] not in _OVER]
    return [f"{_product(world, subscription)}, {subscription['status']}" for subscription in live]


def _product(world: World, subscription: Object) -> str:
    name: str = world.store.get("product", subscription["items"]["data"][0]["price"]["product"])["name"]
    return name


def _about(world: World, shopper: Object) -> dict[str, Any]:
    store, customer_id = world.store, shopper["id"]
    live = [s for s in store.find("subscription", customer=customer_id) if s["status"] not in _OVER]
    charges = store.find("charge", customer=customer_id)
    return {
        "customer": store.get("customer", customer_id),
        "now": world.now(shopper),
        "follows": world.follows(shopper["test_clock"]),
        "subscriptions": [
            {**s, "product": _product(world, s), "period_end": s["items"]["data"][0]["current_period_end"]}
            for s in live
        ],
        "invoices": store.find("invoice", customer=customer_id),
        "charges": charges,
        "refunds": [refund for charge in charges for refund in store.find("refund", charge=charge["id"])],
        "disputes": [dispute for charge in charges for dispute in store.find("dispute", charge=charge["id"])],
    }


def _advance(world: World, shopper: Object, request: HttpRequest) -> str | None:
    """Let days pass, a month, or the time until a subscription's period ends."""
    now, to = world.now(shopper), 0
    by = request.POST.get("by")
    if by == "month":
        to = boundary(now, "month", 1, 1)
    elif by == "period":
        ends = [s["items"]["data"][0]["current_period_end"] for s in _about(world, shopper)["subscriptions"]]
        if not ends:
            return "There is no subscription whose period could end."
        to = min(ends)
    else:
        form = DaysForm(request.POST)
        if not form.is_valid():
            return "Say how many days, from 1 to 800."
        to = now + form.cleaned_data["days"] * DAY
    customers.advance(world, shopper["test_clock"], to)
    return None


def _refund(world: World, shopper: Object, request: HttpRequest) -> str | None:
    form = RefundForm(request.POST)
    if not form.is_valid():
        return "Say how much goes back, for example 4.50."
    cents = int(form.cleaned_data["amount"] * 100)
    engine.refund(world, {"charge": _own(world, shopper, request), "amount": cents})
    return None


def _dispute(world: World, shopper: Object, request: HttpRequest) -> None:
    engine.open_dispute(world, _own(world, shopper, request))


def _close(won: bool) -> Callable[[World, Object, HttpRequest], None]:
    def act(world: World, shopper: Object, request: HttpRequest) -> None:
        dispute = world.store.get("dispute", request.POST.get("dispute", ""))
        engine.close_dispute(world, dispute["id"], won)

    return act


def _own(world: World, shopper: Object, request: HttpRequest) -> str:
    charge = world.store.get("charge", request.POST.get("charge", ""))
    if charge["customer"] != shopper["id"]:
        raise Http404("charge")
    return str(charge["id"])


_ACTS: dict[str, Callable[[World, Object, HttpRequest], str | None]] = {
    "advance": _advance,
    "refund": _refund,
    "dispute": _dispute,
    "win": _close(True),
    "lose": _close(False),
}
