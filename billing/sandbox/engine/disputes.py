"""Disputes: a cardholder's bank takes a charge back, and gives it back again when the dispute is won."""

from billing.sandbox.engine import balances
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

FEE = 1500
"""Cents that a dispute costs, won or lost."""

_DAY = 24 * 3600
_TEXTS = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)


def open_dispute(
    world: World, charge_id: str, reason: str = "fraudulent", *, amount: int | None = None
) -> Object:
    """Dispute what is left of a charge, or `amount` of it; the money and a fee are withdrawn at once.

    Emits charge.dispute.created and charge.dispute.funds_withdrawn.
    """
    with world.store.change():
        charge = world.store.get("charge", charge_id, param="charge")
        left = charge["amount_captured"] - charge["amount_refunded"]
        amount = left if amount is None else amount
        if charge["disputed"] or not 0 < amount <= left:
            raise InvalidError(f"Charge {charge_id} has nothing left to dispute.", param="charge")
        at = world.now(charge)
        dispute = _new(world, charge, reason, amount, at)
        dispute["balance_transactions"] = [_entry(world, dispute, -amount, FEE, "dispute", at)]
        charge["disputed"] = True
        world.store.put(charge)
        world.store.put(dispute)
        world.emit("charge.dispute.created", dispute)
        world.emit("charge.dispute.funds_withdrawn", dispute)
        return dispute


def close_dispute(world: World, dispute_id: str, won: bool) -> Object:
    """End a dispute; one that is won brings the amount back, the fee stays away.

    Emits charge.dispute.closed, and before it charge.dispute.funds_reinstated where it is won.
    """
    with world.store.change():
        dispute = world.store.get("dispute", dispute_id)
        if dispute["status"] in ("won", "lost"):
            raise InvalidError("This dispute is already closed.", code="dispute_already_closed")
        before = dispute["status"]
        if won:
            at = world.now(world.store.get("charge", dispute["charge"]))
            entry = _entry(world, dispute, dispute["amount"], 0, "dispute_reversal", at)
            dispute["balance_transactions"].append(entry)
        dispute["status"] = "won" if won else "lost"
        world.store.put(dispute)
        if won:
            world.emit("charge.dispute.funds_reinstated", dispute)
        world.emit("charge.dispute.closed", dispute, {"status": before})
        return dispute


def _entry(world: World, dispute: Object, amount: int, fee: int, category: str, at: int) -> Object:
    return balances.enter(
        world,
        amount=amount,
        fee=fee,
        currency=dispute["currency"],
        source=dispute["id"],
        type="adjustment",
        category=category,
        at=at,
        fee_description="Dispute fee",
    )


def _new(world: World, charge: Object, reason: str, amount: int, at: int) -> Object:
    brand = charge["payment_method_details"]["card"]["brand"]
    return {
        "id": world.store.new_id("dp"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": at,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_TEXTS), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": at + 9 * _DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": brand,
                "case_type": "chargeback",
                "network": brand,
                "network_reason_code": "10",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
