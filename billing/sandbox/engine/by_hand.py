"""What an operator does with invoices by hand: make one, void one, give one up."""

from billing.sandbox.asked import Params, metadata, only, required, text
from billing.sandbox.engine import composing, invoices, pending
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World


def create_invoice(world: World, params: Params) -> Object:
    """Bill what waits for a customer's next invoice (billing_reason manual): final and open, not yet paid."""
    only(params, "customer", "description", "metadata", "auto_advance", "pending_invoice_items_behavior")
    with world.store.change():
        customer = world.store.get("customer", required(params, "customer"), param="customer")
        lines = pending.waiting(world, customer_id=customer["id"], subscription_id=None)
        if not lines:
            raise InvalidError("Nothing to invoice for customer", code="invoice_no_customer_line_items")
        at = world.now(customer)
        draft = composing.compose(world, customer=customer, lines=lines, reason="manual", at=at)
        draft.update(description=text(params, "description"), metadata=metadata(params))
        pending.taken_up(world, lines, draft["id"])
        return invoices.open_invoice(world, draft, at=at)


def finalize_invoice(world: World, invoice_id: str) -> Object:
    """Make a draft final, such as those of an unpaid subscription."""
    with world.store.change():
        invoice = world.store.get("invoice", invoice_id)
        if invoice["status"] != "draft":
            raise InvalidError(
                "This invoice is already finalized, you can't re-finalize a non-draft invoice."
            )
        return finalize(world, invoice, at=world.now(invoice))


def finalize(world: World, invoice: Object, *, at: int) -> Object:
    """Make a draft final, with the customer's balance as it is by now."""
    customer = world.store.get("customer", invoice["customer"])
    due, ending = composing.balance(invoice["total"], customer["balance"])
    invoice.update(
        amount_due=due,
        amount_remaining=due,
        automatically_finalizes_at=None,
        ending_balance=ending,
        starting_balance=customer["balance"],
    )
    return invoices.finalize(world, invoice, at=at)


def void_invoice(world: World, invoice_id: str) -> Object:
    """Void an open invoice; nobody has to pay it any more."""
    with world.store.change():
        invoice = world.store.get("invoice", invoice_id)
        return invoices.void(world, invoice, at=world.now(invoice))


def mark_uncollectible(world: World, invoice_id: str) -> Object:
    """Take an open invoice for a bad debt."""
    with world.store.change():
        invoice = world.store.get("invoice", invoice_id)
        return invoices.give_up(world, invoice, at=world.now(invoice))
