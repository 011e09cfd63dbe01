"""A small shop in an in-memory sandbox: prices, a customer whose clock stands, and what happened."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from billing.sandbox import engine
from billing.sandbox.api import catalogue, customers, promotions
from billing.sandbox.cards import attach, card_of, new_payment_method
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object, Store
from billing.sandbox.world import World

DAY = 24 * 3600
PAYS = "4242 4242 4242 4242"
FAILS_LATER = "4000 0000 0000 0341"
DECLINED = "4000 0000 0000 0002"
NO_FUNDS = "4000 0000 0000 9995"
WANTS_OWNER = "4000 0027 6000 3184"
REFUNDS_LATE = "4000 0000 0000 7726"
REFUND_FAILS = "4000 0000 0000 5126"
DISPUTES = "4000 0000 0000 0259"


def at(text: str) -> int:
    """Return a moment in UTC as the API gives it: `2026-03-31` or `2026-03-31 12:30`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


class Shop:
    """Makes what the tests sell and buy; `now` is where the customer's clock begins to stand."""

    def __init__(self, now: str | int = "2026-03-01") -> None:
        self.world = World(Store(":memory:"), "http://sandbox.test")
        self.store = self.world.store
        self.began = now if isinstance(now, int) else at(now)
        self.product = catalogue.create_product(self.world, Params({"name": "Pro"}))["id"]
        self.basic = self.price(1000)
        self.pro = self.price(3000)
        self.yearly = self.price(30000, "year")
        self.pack = self.price(500, None)
        self.clock = customers.new_clock(self.world, name=None, at=self.began)["id"]
        self.customer = self.new_customer()

    def price(self, cents: int, interval: str | None = "month", **recurring: str) -> str:
        """Make a price; None for one that is paid once."""
        values: dict[str, Any] = {"currency": "usd", "unit_amount": str(cents), "product": self.product}
        if interval:
            values["recurring"] = {"interval": interval, **recurring}
        return catalogue.create_price(self.world, Params(values))["id"]

    def new_customer(self) -> str:
        """Make a customer who lives by the shop's clock."""
        values = {"email": "alice@example.com", "name": "Alice", "test_clock": self.clock}
        return customers.create(self.world, Params(values))["id"]

    def coupon(self, **values: str) -> str:
        """Make a coupon."""
        return promotions.create_coupon(self.world, Params(values))["id"]

    def code(self, coupon: str, **values: Any) -> str:
        """Make a promotion code for a coupon."""
        asked = {"promotion": {"type": "coupon", "coupon": coupon}, **values}
        return promotions.create_code(self.world, Params(asked))["id"]

    def method(self, number: str = PAYS) -> str:
        """Make a payment method that nobody has yet."""
        return new_payment_method(self.world, card_of(number))["id"]

    def card(self, number: str = PAYS) -> str:
        """Make a payment method of the customer."""
        method = self.store.get("payment_method", self.method(number))
        attach(self.world, method, self.store.get("customer", self.customer))
        return method["id"]

    def subscribe(self, price: str | None = None, *, card: str | None = PAYS, **params: Any) -> Object:
        """Subscribe the customer, who is there, to a price (basic), paid with a card."""
        if card:
            params["default_payment_method"] = self.card(card)
        asked = {"customer": self.customer, "items": [{"price": price or self.basic}], **params}
        return engine.create_subscription(self.world, asked, attended=True)

    def change(self, subscription: Object, price: str, **params: Any) -> Object:
        """Put a subscription on another price."""
        item = subscription["items"]["data"][0]["id"]
        return engine.update_subscription(
            self.world, subscription["id"], {"items": [{"id": item, "price": price}], **params}
        )

    def preview(self, subscription: Object, price: str, **details: Any) -> Object:
        """Preview putting a subscription on another price."""
        item = subscription["items"]["data"][0]["id"]
        asked = {"items": [{"id": item, "price": price}], **details}
        params = {"subscription": subscription["id"], "subscription_details": asked}
        return engine.preview_invoice(self.world, params)

    def advance(self, to: str | int) -> None:
        """Let the clock go forward."""
        engine.advance(self.world, self.clock, to if isinstance(to, int) else at(to))

    def subscription(self, subscription: Object) -> Object:
        """Return a subscription as it now is."""
        return self.store.get("subscription", subscription["id"])

    def invoices(self) -> list[Object]:
        """Return all invoices, oldest first."""
        return self.store.find("invoice")[::-1]

    def last_invoice(self) -> Object:
        """Return the newest invoice."""
        return self.store.find("invoice")[0]

    def last_charge(self) -> Object:
        """Return the newest charge."""
        return self.store.find("charge")[0]

    def session(self, *, mode: str = "subscription", price: str | None = None, **notes: Any) -> Object:
        """Keep an open checkout session for a price (basic), as the API makes them."""
        return open_session(self, mode, price or self.basic, notes)

    def events(self, *begin: str) -> list[str]:
        """Return the types of all events, oldest first; of those only that begin like this, if given."""
        return [event["type"] for event in self.all_events() if not begin or event["type"].startswith(begin)]

    def all_events(self) -> list[Object]:
        """Return all events, oldest first."""
        return self.store.find("event")[::-1]

    def last_event(self, type: str) -> Object:
        """Return what the newest event of a type says."""
        return next(event for event in self.store.find("event") if event["type"] == type)["data"]

    def objects(self) -> Iterator[Object]:
        """Return every object of the sandbox."""
        for row in self.store.query("SELECT DISTINCT kind FROM object"):
            yield from self.store.find(row["kind"])

    def everything(self) -> dict[str, Object]:
        """Return a copy of all that is kept, to compare with later."""
        return {obj["id"]: obj for obj in self.objects()}


def open_session(shop: Shop, mode: str, price: str, notes: dict[str, Any]) -> Object:
    """Keep an open checkout session."""
    session_id = shop.store.new_id("cs_test")
    amount = shop.store.get("price", price)["unit_amount"]
    shop.store.note(session_id, line_items=[{"price": price, "quantity": 1}], **notes)
    return shop.store.put(
        {
            "id": session_id,
            "object": "checkout.session",
            "amount_subtotal": amount,
            "amount_total": amount,
            "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
            "cancel_url": "http://atelier.test/no",
            "client_reference_id": None,
            "created": shop.began,
            "currency": "usd",
            "custom_fields": [],
            "custom_text": {},
            "customer": shop.customer,
            "customer_details": None,
            "customer_email": None,
            "expires_at": shop.began + DAY,
            "invoice": None,
            "livemode": False,
            "metadata": {},
            "mode": mode,
            "payment_intent": None,
            "payment_method_types": ["card"],
            "payment_status": "unpaid",
            "shipping_options": [],
            "status": "open",
            "subscription": None,
            "success_url": "http://atelier.test/yes",
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "url": "http://sandbox.test/checkout",
        }
    )
