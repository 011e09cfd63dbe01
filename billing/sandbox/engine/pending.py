"""Invoice items: amounts that wait for a subscription's or a customer's next invoice."""

from decimal import Decimal

from billing.sandbox.asked import Params, integer, metadata, missing, only, required, text
from billing.sandbox.engine.lines import Line, pricing_of
from billing.sandbox.store import Object
from billing.sandbox.world import World


def keep(
    world: World, line: Line, *, customer: Object, at: int, notes: dict[str, str] | None = None
) -> Object:
    """Keep a line for the next invoice; emits invoiceitem.created."""
    details = {"subscription": line.subscription_id, "subscription_item": line.item_id}
    unit = Decimal(line.amount) / (line.quantity or 1)
    item: Object = {
        "id": line.invoice_item_id or world.store.new_id("ii"),
        "object": "invoiceitem",
        "amount": line.amount,
        "currency": line.currency,
        "customer": customer["id"],
        "customer_account": None,
        "date": at,
        "description": line.description,
        "discountable": line.discountable,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": notes or {},
        "net_amount": line.amount,
        "parent": {"subscription_details": details, "type": "subscription_details"}
        if line.subscription_id
        else None,
        "period": {"end": line.end, "start": line.start},
        "pricing": pricing_of(line.price, round(unit, 12)) if line.price else None,
        "proration": line.proration,
        "proration_details": _proration_details(line),
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "tax_rates": [],
        "test_clock": customer["test_clock"],
    }
    world.store.put(item)
    world.emit("invoiceitem.created", item)
    return item


def waiting(world: World, *, customer_id: str, subscription_id: str | None) -> list[Line]:
    """Return the lines that wait for a subscription's next invoice (None: the customer's), oldest first."""
    found = world.store.find("invoiceitem", customer=customer_id, invoice=None)
    return [_line(world, item) for item in reversed(found) if _subscription_of(item) == subscription_id]


def taken_up(world: World, lines: list[Line], invoice_id: str) -> None:
    """Say of waiting items that they now stand on an invoice."""
    for line in lines:
        item = world.store.look("invoiceitem", line.invoice_item_id) if line.invoice_item_id else None
        if item:
            world.store.put({**item, "invoice": invoice_id})


def create_invoice_item(world: World, params: Params) -> Object:
    """Add an amount, or a price paid once, to a customer's next invoice by hand."""
    only(params, "customer", "amount", "currency", "description", "price", "pricing", "quantity", "metadata")
    with world.store.change():
        customer = world.store.get("customer", required(params, "customer"), param="customer")
        at = world.now(customer)
        price_id = text(params, "price") or text(params.get("pricing") or {}, "price")
        price = world.store.get("price", price_id, param="price") if price_id else None
        quantity = integer(params, "quantity") or 1
        amount = price["unit_amount"] * quantity if price else integer(params, "amount")
        if amount is None:
            raise missing("amount")
        line = Line(
            amount=amount,
            currency=price["currency"] if price else required(params, "currency"),
            description=text(params, "description") or "Invoice item",
            start=at,
            end=at,
            quantity=quantity,
            price=price,
        )
        return keep(world, line, customer=customer, at=at, notes=metadata(params))


def _line(world: World, item: Object) -> Line:
    details = (item["parent"] or {}).get("subscription_details") or {}
    price_details = (item["pricing"] or {}).get("price_details")
    credited = ((item["proration_details"] or {}).get("credited_items") or {}).get(
        "invoice_line_item_details"
    )
    return Line(
        amount=item["amount"],
        currency=item["currency"],
        description=item["description"],
        start=item["period"]["start"],
        end=item["period"]["end"],
        quantity=item["quantity"],
        price=world.store.get("price", price_details["price"]) if price_details else None,
        subscription_id=details.get("subscription"),
        item_id=details.get("subscription_item"),
        proration=item["proration"],
        credited=(credited["invoice"], credited["invoice_line_items"][0]) if credited else None,
        invoice_item_id=item["id"],
    )


def _subscription_of(item: Object) -> str | None:
    return ((item["parent"] or {}).get("subscription_details") or {}).get("subscription")


def _proration_details(line: Line) -> Object | None:
    if not line.proration:
        return None
    credited = line.credited and {
        "invoice_item": None,
        "invoice_line_item_details": {"invoice": line.credited[0], "invoice_line_items": [line.credited[1]]},
        "type": "invoice_line_items",
    }
    return {"credited_items": credited, "discount_amounts": []}
