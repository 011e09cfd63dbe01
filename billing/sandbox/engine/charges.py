"""Charges: one attempt to take money, with the entry that it makes in the account's balance."""

from typing import Any

from billing.sandbox.engine import balances
from billing.sandbox.engine.records import listing
from billing.sandbox.errors import CardError
from billing.sandbox.store import Object
from billing.sandbox.world import World


def succeeded(world: World, intent: Object, *, at: int) -> Object:
    """Keep and return the charge of a payment that went through, with its fee taken."""
    return settle(world, _charge(world, intent, at), at=at)


def pending(world: World, intent: Object, *, at: int) -> Object:
    """Keep and return the charge of a payment that will only be known later."""
    charge = _charge(world, intent, at)
    charge["status"] = "pending"
    charge["outcome"] = _outcome("approved_by_network", None, "Payment complete.", "authorized")
    return world.store.put(charge)


def settle(world: World, charge: Object, *, at: int) -> Object:
    """Let a charge have brought its money."""
    entry = balances.enter(
        world,
        amount=charge["amount"],
        fee=balances.fee_of(charge["amount"]),
        currency=charge["currency"],
        source=charge["id"],
        type="charge",
        category="charge",
        at=at,
    )
    charge.update(
        status="succeeded",
        paid=True,
        captured=True,
        amount_captured=charge["amount"],
        balance_transaction=entry["id"],
        outcome=_outcome("approved_by_network", None, "Payment complete.", "authorized"),
    )
    return world.store.put(charge)


def failed(world: World, intent: Object, declined: CardError, *, at: int) -> Object:
    """Keep and return the charge of a declined payment."""
    return reject(world, _charge(world, intent, at), declined)


def reject(world: World, charge: Object, declined: CardError) -> Object:
    """Let a charge have been declined."""
    charge.update(
        status="failed",
        failure_code=declined.code,
        failure_message=declined.message,
        outcome=_outcome(
            "declined_by_network",
            declined.decline_code,
            "The bank did not return any further details with this decline.",
            "issuer_declined",
        ),
    )
    return world.store.put(charge)


def _outcome(network_status: str, reason: str | None, message: str, type: str) -> Object:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network_status,
        "reason": reason,
        "risk_level": "normal",
        "seller_message": message,
        "type": type,
    }


def _charge(world: World, intent: Object, at: int) -> Object:
    method = world.store.get("payment_method", intent["payment_method"])
    charge: dict[str, Any] = {
        "id": world.store.new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": False,
        "created": at,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(method, intent["amount"]),
        "radar_options": {},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "refunds": listing([], ""),
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "failed",
        "transfer_data": None,
        "transfer_group": None,
    }
    charge["refunds"]["url"] = f"/v1/charges/{charge['id']}/refunds"
    return charge


def _details(method: Object, amount: int) -> Object:
    card = method["card"]
    return {
        "card": {
            "amount_authorized": amount,
            "authorization_code": None,
            "brand": card["brand"],
            "checks": card["checks"],
            "country": card["country"],
            "exp_month": card["exp_month"],
            "exp_year": card["exp_year"],
            "extended_authorization": {"status": "disabled"},
            "fingerprint": card["fingerprint"],
            "funding": card["funding"],
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "last4": card["last4"],
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": card["brand"],
            "network_token": {"used": False},
            "network_transaction_id": None,
            "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": None,
            "wallet": None,
        },
        "type": "card",
    }
