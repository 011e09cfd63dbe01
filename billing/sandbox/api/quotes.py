"""What a checkout comes to: lines, discounts, total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from billing.sandbox.engine.discounts import cuts, resolve
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World


@dataclass(frozen=True)
class Quote:
    """Amounts in the smallest unit of `currency`, and the line items that they belong to."""

    lines: list[Object]
    currency: str
    subtotal: int
    discount: int

    @property
    def total(self) -> int:
        """What is to be paid now."""
        return self.subtotal - self.discount


def quote(
    world: World,
    entries: Sequence[Mapping[str, Any]],
    discounts: Sequence[Mapping[str, Any]],
    *,
    session: Object,
    trial: bool,
) -> Quote:
    """Reckon what the session's customer pays now; during a trial recurring prices cost nothing yet."""
    store = world.store
    prices = [store.get("price", entry["price"]) for entry in entries]
    currencies = {price["currency"] for price in prices}
    if len(currencies) != 1:
        raise InvalidError("All prices must use the same currency.", param="line_items")
    amounts = [
        0 if trial and price["recurring"] else price["unit_amount"] * entry["quantity"]
        for price, entry in zip(prices, entries, strict=True)
    ]
    customer, now = store.get("customer", session["customer"]), world.now(session)
    coupons = [
        resolve(world, entry, at=now, customer=customer, amount=sum(amounts))[0] for entry in discounts
    ]
    products = [price["product"] for price in prices]
    taken = [sum(off) for off in zip(*cuts(list(zip(amounts, products, strict=True)), coupons), strict=True)]
    lines = [
        _line(world, price, entry["quantity"], amount, off)
        for price, entry, amount, off in zip(
            prices, entries, amounts, taken or [0] * len(amounts), strict=True
        )
    ]
    return Quote(lines, currencies.pop(), sum(amounts), sum(taken))


def _line(world: World, price: Object, quantity: int, amount: int, off: int) -> Object:
    return {
        "id": world.store.new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": off,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount - off,
        "currency": price["currency"],
        "description": world.store.get("product", price["product"])["name"],
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }
