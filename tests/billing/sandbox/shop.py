"""What most tests of the sandbox need: a product with prices, a customer, a checkout."""

from typing import Any

from tests.support.stripe import StripeSandbox


def price(sandbox: StripeSandbox, cents: int = 2_900, interval: str | None = "month", **more: Any) -> str:
    """Create a product with one price and return the price's id."""
    recurring = {"recurring": {"interval": interval}} if interval else {}
    params = {
        "currency": "usd",
        "unit_amount": cents,
        "product_data": {"name": "Starter"},
        **recurring,
        **more,
    }
    return sandbox.client.v1.prices.create(params).id  # type: ignore[arg-type]


def customer(sandbox: StripeSandbox, **more: Any) -> str:
    """Create a customer and return their id."""
    return sandbox.client.v1.customers.create({"email": "alice@example.com", **more}).id  # type: ignore[typeddict-item]


def session(
    sandbox: StripeSandbox, price_id: str, customer_id: str | None = None, **more: Any
) -> dict[str, Any]:
    """Open a checkout session for a subscription."""
    params: dict[str, Any] = {
        "mode": "subscription",
        "customer": customer_id or customer(sandbox),
        "line_items": [{"price": price_id, "quantity": 1}],
        "success_url": "http://localhost:8000/done/?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost:8000/plans/",
        **more,
    }
    return sandbox.client.v1.checkout.sessions.create(params).to_dict()  # type: ignore[arg-type]


def subscribed(sandbox: StripeSandbox, card: str = "4242424242424242", **more: Any) -> dict[str, Any]:
    """Buy a subscription at checkout and return it."""
    done = sandbox.pay(session(sandbox, price(sandbox), **more)["id"], card)
    return sandbox.client.v1.subscriptions.retrieve(done["subscription"]).to_dict()
