"""Invoices, what they are made of, and what pays them."""

from billing.sandbox import engine
from billing.sandbox.api import answers
from billing.sandbox.api.resources import held
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World

URL = "/v1/invoices"


def create(world: World, params: Params) -> Object:
    """Create a draft of what waits to be billed."""
    return engine.create_invoice(world, params.everything())


def preview(world: World, params: Params) -> Object:
    """Answer the invoice that would come; nothing is kept."""
    return engine.preview_invoice(world, params.everything())


def pay(world: World, params: Params, id: str) -> Object:
    """Pay an open invoice."""
    return engine.pay_invoice(world, id, params.everything())


def finalize(world: World, params: Params, id: str) -> Object:
    """Open a draft."""
    return engine.finalize_invoice(world, id)


def void(world: World, params: Params, id: str) -> Object:
    """Declare an open invoice void."""
    return engine.void_invoice(world, id)


def mark_uncollectible(world: World, params: Params, id: str) -> Object:
    """Give an open invoice up."""
    return engine.mark_uncollectible(world, id)


def listed(world: World, params: Params) -> Object:
    """List invoices."""
    equal = held(
        params,
        "customer",
        "status",
        "collection_method",
        subscription="parent__subscription_details__subscription",
    )
    return answers.page(world, params, "invoice", URL, **equal)


def lines(world: World, params: Params, id: str) -> Object:
    """List the lines of an invoice, from a cursor on."""
    found = world.store.get("invoice", id)["lines"]
    limit = params.integer("limit", 10, least=1, most=100) or 10
    after, data = params.text("starting_after"), found["data"]
    if after is not None:
        ids = [line["id"] for line in data]
        data = data[ids.index(after) + 1 :] if after in ids else []
    return {**found, "data": data[:limit], "has_more": len(data) > limit}


def create_item(world: World, params: Params) -> Object:
    """Note an amount for the next invoice."""
    return engine.create_invoice_item(world, params.everything())


def list_payments(world: World, params: Params) -> Object:
    """List what pays invoices."""
    payment = params.child("payment")
    payment.text("type")
    equal = held(params, "invoice", "status")
    equal.update({f"payment__{name}": value for name, value in held(payment, "payment_intent").items()})
    return answers.page(world, params, "invoice_payment", "/v1/invoice_payments", **equal)
