"""Refunds: the whole of a charge or parts of it, and those that fail afterwards."""

from billing.sandbox.asked import Params, choice, integer, metadata, only, text
from billing.sandbox.cards import CARDS
from billing.sandbox.engine import balances
from billing.sandbox.engine.later import settle_later, settled_now
from billing.sandbox.engine.records import amend, difference, listing
from billing.sandbox.errors import InvalidError, ParameterError
from billing.sandbox.store import Object
from billing.sandbox.world import World


def refund(world: World, params: Params) -> Object:
    """Give back what is left of a charge, or `amount` of it; emits refund.created and charge.refunded.

    InvalidError when it asks for more than is left, or while the charge is disputed. The fee stays with
    Stripe. Some test cards make a refund pending first, or fail later: see `settle_refund`.
    """
    only(params, "charge", "payment_intent", "amount", "reason", "metadata")
    with world.store.change():
        charge = _charge(world, params)
        amount = _amount(charge, params)
        at = world.now(charge)
        later = _fate(world, charge)
        made = _new(world, charge, params, amount, at)
        made["status"] = "pending" if later == "late" else "succeeded"
        world.store.put(made)
        if later:
            settle_later(world, made, at=at, outcome=later)
        previous = _count(world, charge, amount)
        world.emit("refund.created", made)
        world.emit("charge.refunded", charge, previous)
        return made


def fail_refund(world: World, refund_id: str, *, reason: str = "expired_or_canceled_card") -> Object:
    """Let a refund fail after all: the amount comes back, the charge counts as not refunded by it.

    Emits refund.updated, charge.refund.updated, refund.failed and charge.updated.
    """
    with world.store.change():
        failing = world.store.get("refund", refund_id)
        if failing["status"] not in ("pending", "succeeded"):
            raise InvalidError(f"A refund that has {failing['status']} cannot fail.")
        at = world.now(world.store.get("charge", failing["charge"]))
        entry = balances.enter(
            world,
            amount=failing["amount"],
            fee=0,
            currency=failing["currency"],
            source=refund_id,
            type="refund_failure",
            category="refund_failure",
            at=at,
        )
        settled_now(world, refund_id)
        _change(
            world,
            failing,
            status="failed",
            failure_reason=reason,
            failure_balance_transaction=entry["id"],
        )
        world.emit("refund.failed", failing)
        charge = world.store.get("charge", failing["charge"])
        before = charge["amount_refunded"]
        amend(world, charge, "charge.updated", amount_refunded=before - failing["amount"], refunded=False)
        return failing


def settle_refund(world: World, refund_id: str) -> Object:
    """Let a refund that was left open end as its card makes it: succeed, or fail."""
    with world.store.change():
        open_refund = world.store.get("refund", refund_id)
        if settled_now(world, refund_id) == "fails":
            return fail_refund(world, refund_id)
        return _change(world, open_refund, status="succeeded")


def _fate(world: World, charge: Object) -> str:
    """Return how a refund of this charge goes: at once (empty), `late`, or `fails`."""
    if world.dials.take("failing_refunds"):
        return "fails"
    return CARDS[world.store.notes(charge["payment_method"])["number"]].refunds


def _change(world: World, changed: Object, **members: str) -> Object:
    previous = {name: changed.get(name) for name in members}
    changed.update(members)
    world.store.put(changed)
    world.emit("refund.updated", changed, previous)
    world.emit("charge.refund.updated", changed, previous)
    _show(world, world.store.get("charge", changed["charge"]))
    return changed


def _charge(world: World, params: Params) -> Object:
    if charge_id := text(params, "charge"):
        return world.store.get("charge", charge_id, param="charge")
    intent_id = text(params, "payment_intent")
    if intent_id is None:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise ParameterError(message, code="parameter_missing")
    intent = world.store.get("payment_intent", intent_id, param="payment_intent")
    if intent["status"] != "succeeded":
        raise InvalidError("This PaymentIntent does not have a successful charge to refund.")
    return world.store.get("charge", intent["latest_charge"])


def _amount(charge: Object, params: Params) -> int:
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        raise InvalidError(f"Charge {charge['id']} did not succeed: there is nothing to refund.")
    if charge["disputed"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise InvalidError(message, code="charge_disputed")
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise InvalidError(message, code="charge_already_refunded")
    asked = integer(params, "amount")
    amount = left if asked is None else asked
    if amount < 1:
        raise ParameterError("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise InvalidError(message, param="amount")
    return amount


def _count(world: World, charge: Object, amount: int) -> Object:
    """Count a refund on its charge; return the former values of what that changed."""
    refunded = charge["amount_refunded"] + amount
    changes = {"amount_refunded": refunded, "refunded": refunded == charge["amount"]}
    previous = difference(charge, {**charge, **changes})
    charge.update(changes)
    _show(world, charge)
    return previous


def _show(world: World, charge: Object) -> None:
    """Bring the list `refunds` of a charge up to date, and keep it."""
    found = world.store.find("refund", charge=charge["id"])
    charge["refunds"] = listing(found, f"/v1/charges/{charge['id']}/refunds")
    world.store.put(charge)


def _new(world: World, charge: Object, params: Params, amount: int, at: int) -> Object:
    refund_id = world.store.new_id("re")
    entry = balances.enter(
        world,
        amount=-amount,
        fee=0,
        currency=charge["currency"],
        source=refund_id,
        type="refund",
        category="refund",
        at=at,
    )
    reason = text(params, "reason")
    if reason is not None:
        choice(params, "reason", "requested_by_customer", "duplicate", "fraudulent")
    return {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": entry["id"],
        "charge": charge["id"],
        "created": at,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": metadata(params),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
