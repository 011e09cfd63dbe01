"""The credit balance of a customer, and the entries of the account's own balance."""

from billing.sandbox.engine.proration import rounded
from billing.sandbox.store import Object
from billing.sandbox.world import World

_DAY = 24 * 3600


def fee_of(amount: int) -> int:
    """Return what Stripe keeps of a payment: 2.9 %, to the nearest cent, and 30 cents."""
    return rounded(amount * 29, 1000) + 30


def set_balance(world: World, customer_id: str, balance: int, *, at: int, invoice: Object, type: str) -> None:
    """Move a customer's balance (negative: credit) to `balance` for an invoice; emits customer.updated."""
    customer = world.store.get("customer", customer_id)
    before = customer["balance"]
    if balance == before:
        return
    customer["balance"] = balance
    world.store.put(customer)
    world.store.put(
        {
            "id": world.store.new_id("cbtxn"),
            "object": "customer_balance_transaction",
            "amount": balance - before,
            "checkout_session": None,
            "created": at,
            "credit_note": None,
            "currency": invoice["currency"],
            "customer": customer_id,
            "customer_account": None,
            "description": None,
            "ending_balance": balance,
            "invoice": invoice["id"],
            "livemode": False,
            "metadata": {},
            "type": type,
        }
    )
    world.emit("customer.updated", customer, {"balance": before})


def enter(
    world: World,
    *,
    amount: int,
    fee: int,
    currency: str,
    source: str,
    type: str,
    category: str,
    at: int,
    fee_description: str = "Stripe processing fees",
) -> Object:
    """Keep and return an entry of the account's balance; `net` is the amount less the fee."""
    details: list[Object] = []
    if fee:
        details = [
            {
                "amount": fee,
                "application": None,
                "currency": currency,
                "description": fee_description,
                "type": "stripe_fee",
            }
        ]
    return world.store.put(
        {
            "id": world.store.new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": at + 2 * _DAY,
            "balance_type": "payments",
            "created": at,
            "currency": currency,
            "description": None,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details,
            "net": amount - fee,
            "reporting_category": category,
            "source": source,
            "status": "pending",
            "type": type,
        }
    )
