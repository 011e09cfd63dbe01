"""The lines of an invoice: a period of an item, the unused or remaining time of one, or an item by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from billing.sandbox.store import Object
from billing.sandbox.world import World

SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£"}


@dataclass(frozen=True)
class Line:
    """What a line bills, before it has an id and discounts; `amount` in cents, negative for a credit."""

    amount: int
    currency: str
    description: str
    start: int
    end: int
    quantity: int = 1
    price: Object | None = None
    subscription_id: str | None = None
    item_id: str | None = None
    proration: bool = False
    credited: tuple[str, str] | None = None
    """For a credit: the invoice and the line that it gives back."""
    invoice_item_id: str | None = None

    @property
    def product_id(self) -> str:
        """The product that is billed; empty for an amount by hand."""
        return str(self.price["product"]) if self.price else ""

    @property
    def discountable(self) -> bool:
        """Prorations are reckoned with their discounts already off; no coupon touches them again."""
        return not self.proration and self.amount > 0


def period_line(
    world: World, subscription: Object, item: Object, *, amount: int, trial: bool = False
) -> Line:
    """Return the line that bills `item` for its current period."""
    price = item["price"]
    name = product_name(world, price)
    return Line(
        amount=amount,
        currency=price["currency"],
        description=f"Trial period for {name}" if trial else f"{item['quantity']} × {name} ({_rate(price)})",
        start=item["current_period_start"],
        end=item["current_period_end"],
        quantity=item["quantity"],
        price=price,
        subscription_id=subscription["id"],
        item_id=item["id"],
    )


def product_name(world: World, price: Object) -> str:
    """Return the name of what a price sells."""
    product = world.store.look("product", price["product"])
    return str(product["name"]) if product else str(price["product"])


def on_day(at: int) -> str:
    """Return a day as the lines name it: 5 Mar 2026."""
    return datetime.fromtimestamp(at, UTC).strftime("%d %b %Y").lstrip("0")


def line_item(line: Line, *, line_id: str, invoice_id: str, off: list[tuple[str, int]]) -> Object:
    """Return the API's shape of a line; `off`: discount ids and the cents that each takes off it."""
    discount_amounts = [{"amount": cents, "discount": discount_id} for discount_id, cents in off]
    return {
        "id": line_id,
        "object": "line_item",
        "amount": line.amount,
        "currency": line.currency,
        "description": line.description,
        "discount_amounts": discount_amounts,
        "discountable": line.discountable,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": {},
        "parent": _parent(line),
        "period": {"end": line.end, "start": line.start},
        "pretax_credit_amounts": [{**entry, "type": "discount"} for entry in discount_amounts],
        "pricing": _pricing(line),
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "subscription": line.subscription_id,
        "subtotal": line.amount,
        "taxes": [],
    }


def pricing_of(price: Object, unit_amount: Decimal) -> Object:
    """Return how lines and invoice items name their price."""
    return {
        "price_details": {"price": price["id"], "product": price["product"]},
        "type": "price_details",
        "unit_amount_decimal": f"{unit_amount.normalize():f}",
    }


def _pricing(line: Line) -> Object | None:
    if line.price is None:
        return None
    unit = Decimal(line.amount) / (line.quantity or 1)
    return pricing_of(line.price, round(unit, 12) if line.proration else Decimal(line.price["unit_amount"]))


def _parent(line: Line) -> Object | None:
    credited = line.credited and {"invoice": line.credited[0], "invoice_line_items": [line.credited[1]]}
    details: dict[str, Any] = {
        "invoice_item": line.invoice_item_id,
        "proration": line.proration,
        "proration_details": {"credited_items": credited} if line.proration else None,
        "subscription": line.subscription_id,
    }
    if line.item_id is None:
        return {
            "invoice_item_details": details,
            "subscription_item_details": None,
            "type": "invoice_item_details",
        }
    return {
        "invoice_item_details": None,
        "subscription_item_details": {**details, "subscription_item": line.item_id},
        "type": "subscription_item_details",
    }


def _rate(price: Object) -> str:
    recurring, amount = price["recurring"], price["unit_amount"]
    every = (
        recurring["interval"]
        if recurring["interval_count"] == 1
        else (f"{recurring['interval_count']} {recurring['interval']}s")
    )
    symbol = SYMBOLS.get(price["currency"], price["currency"].upper() + " ")
    return f"at {symbol}{amount // 100}.{amount % 100:02d} / {every}"
