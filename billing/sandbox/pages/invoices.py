"""An invoice's own page, with its PDF and its payment; and the receipt of a charge."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from billing.sandbox import engine
from billing.sandbox.api import paying
from billing.sandbox.errors import ApiError, InvalidError
from billing.sandbox.pages import pdf
from billing.sandbox.pages.common import Redirect, found, page
from billing.sandbox.pages.forms import CardForm, prefilled
from billing.sandbox.store import Object
from billing.sandbox.web.amounts import day, money
from billing.sandbox.world import World


@require_http_methods(["GET", "HEAD", "POST"])
def invoice(request: HttpRequest, id: str) -> HttpResponse:
    """Show an invoice; while it is open, take a card of the customer's or a new one."""
    world, bill = found("invoice", id)
    card_form, refusal = CardForm(initial=prefilled(request.GET.get("card", ""))), ""
    if request.method == "POST" and bill["status"] == "open":
        method_id = request.POST.get("method", "")
        card_form = card_form if method_id else CardForm(request.POST)
        try:
            if method_id or card_form.is_valid():
                _pay(world, bill, method_id, card_form)
                return Redirect(request.path)
        except ApiError as error:
            refusal = card_form.refuse(error)
    context = {**_about(world, id), "card_form": card_form, "refusal": refusal}
    return page(request, "invoice", context)


@require_safe
def invoice_pdf(request: HttpRequest, id: str) -> HttpResponse:
    """Answer an invoice as a PDF file."""
    world, bill = found("invoice", id)
    answer = HttpResponse(pdf.document(_sheet(world, bill)), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="Invoice-{bill["number"] or bill["id"]}.pdf"'
    return answer


@require_safe
def receipt(request: HttpRequest, id: str) -> HttpResponse:
    """Show what was paid with which card."""
    world, charge = found("charge", id)
    return page(request, "receipt", {"charge": charge, "refunds": world.store.find("refund", charge=id)})


def _pay(world: World, bill: Object, method_id: str, card_form: CardForm) -> None:
    """Pay with a card of the customer's, or with a new one, which from then on pays what follows too."""
    with world.store.change():
        if not method_id:
            method_id = paying.add_card(world, bill["customer"], **card_form.card)["id"]
            engine.set_default_payment_method(world, customer_id=bill["customer"], method_id=method_id)
        elif world.store.get("payment_method", method_id)["customer"] != bill["customer"]:
            raise InvalidError("This is not a card of the customer's.")
        engine.pay_invoice(world, bill["id"], {"payment_method": method_id, "off_session": False})


def _about(world: World, invoice_id: str) -> dict[str, Any]:
    bill = world.store.get("invoice", invoice_id)
    return {
        "invoice": bill,
        "lines": bill["lines"]["data"],
        "discount": sum(entry["amount"] for entry in bill["total_discount_amounts"] or []),
        "balance": (bill["ending_balance"] or 0) - bill["starting_balance"],
        "methods": world.store.find("payment_method", customer=bill["customer"]),
        "charges": _charges(world, bill),
    }


def _charges(world: World, bill: Object) -> list[Object]:
    """Return the successful charges that paid for an invoice."""
    intents = [
        payment["payment"]["payment_intent"]
        for payment in world.store.find("invoice_payment", invoice=bill["id"])
        if payment["payment"]["type"] == "payment_intent"
    ]
    return [
        charge
        for intent in intents
        for charge in world.store.find("charge", payment_intent=intent, paid=True)
    ]


def _sheet(world: World, bill: Object) -> pdf.Sheet:
    about = _about(world, bill["id"])
    currency = bill["currency"]
    rows = [(line["description"] or "", money(line["amount"], currency)) for line in about["lines"]]
    totals = [("Subtotal", money(bill["subtotal"], currency))]
    if about["discount"]:
        totals.append(("Discount", money(-about["discount"], currency)))
    totals.append(("Total", money(bill["total"], currency)))
    if about["balance"]:
        totals.append(("Account balance", money(about["balance"], currency)))
    totals += [
        ("Amount due", money(bill["amount_due"], currency)),
        ("Paid", money(bill["amount_paid"], currency)),
    ]
    return pdf.Sheet(
        title=f"Invoice {bill['number'] or bill['id']}",
        facts=[
            ("Date", day(bill["created"])),
            ("For", bill["customer_email"] or ""),
            ("Status", bill["status"]),
        ],
        rows=rows,
        totals=totals,
        foot="From the Stripe sandbox: no money has moved.",
    )
