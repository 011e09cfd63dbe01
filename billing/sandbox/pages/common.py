"""What the pages share: the world, what is shown when something is not there, where forms lead."""

from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from billing.sandbox import running
from billing.sandbox.cards import CARDS, Card
from billing.sandbox.pages.forms import spaced
from billing.sandbox.store import Object
from billing.sandbox.world import World


class Redirect(HttpResponse):
    """A redirect to any address, for success pages stand elsewhere; 303: it is fetched by GET."""

    status_code = 303

    def __init__(self, address: str) -> None:
        super().__init__()
        self["Location"] = address


def page(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Answer a page of the sandbox."""
    return render(request, f"sandbox/{name}.html", {**context, "test_cards": test_cards()}, status=status)


def found(kind: str, object_id: str) -> tuple[World, Object]:
    """Return the world and the object that an address names; 404 when there is none."""
    world = running.world()
    obj = world.store.look(kind, object_id)
    if obj is None:
        raise Http404(kind)
    return world, obj


def place_of(address: str | None) -> str:
    """Return whose page an address is, for a link back: localhost:8000."""
    return urlsplit(address or "").netloc


def test_cards() -> list[tuple[str, str, str]]:
    """Return the test cards: digits, digits in groups, what each does."""
    return [(card.number, spaced(card.number), _does(card)) for card in CARDS.values()]


def _does(card: Card) -> str:
    if card.decline == "authentication_required":
        return "Pays now; later payments need its owner there"
    if card.only_unattended:
        return "Pays now, is declined at every renewal"
    if card.decline:
        return f"Is declined: {card.decline.replace('_', ' ')}"
    if card.refunds:
        return "Pays; a refund fails later" if card.refunds == "fails" else "Pays; a refund is pending first"
    return "Pays, and its owner disputes the payment" if card.disputed else f"Pays ({card.brand.title()})"
