"""The life of an invoice: draft, open, then paid, void or uncollectible.

Stripe leaves a renewal's invoice in draft for about an hour before it finalises and collects it; here
`rules.Rules.draft_seconds` says for how long.
"""

from billing.sandbox.engine import intents
from billing.sandbox.engine.balances import set_balance
from billing.sandbox.engine.records import listing
from billing.sandbox.engine.standing import after_payment
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

_DESCRIPTIONS = {
    "subscription_create": "Subscription creation",
    "subscription_cycle": "Subscription update",
    "subscription_update": "Subscription update",
    "manual": "Payment for Invoice",
}


def open_invoice(world: World, invoice: Object, *, at: int) -> Object:
    """Keep a composed draft and finalise it; emits invoice.created and invoice.finalized.

    The customer's balance moves here. With nothing due the invoice is paid at once (invoice.paid,
    invoice.payment_succeeded; `amount_paid` 0), otherwise a payment intent waits for its first attempt.
    """
    world.store.put(invoice)
    world.emit("invoice.created", invoice)
    return finalize(world, invoice, at=at)


def finalize(world: World, invoice: Object, *, at: int) -> Object:
    """Make a stored draft final; emits invoice.finalized. See `open_invoice`."""
    set_balance(
        world,
        invoice["customer"],
        invoice["ending_balance"],
        at=at,
        invoice=invoice,
        type="invoice_too_small" if invoice["ending_balance"] > 0 else "applied_to_invoice",
    )
    invoice.update(
        number=_next_number(world, invoice["customer"], invoice["currency"]),
        status="open",
        effective_at=at,
        hosted_invoice_url=world.url(f"/invoice/{invoice['id']}"),
        invoice_pdf=world.url(f"/invoice/{invoice['id']}/pdf"),
        status_transitions={**invoice["status_transitions"], "finalized_at": at},
    )
    world.store.put(invoice)
    intent = _ask(world, invoice, at) if invoice["amount_due"] else None
    world.emit("invoice.finalized", invoice)
    if intent is None:
        _be_paid(world, invoice, at)
    return invoice


def settled(world: World, invoice: Object, *, at: int, out_of_band: bool = False) -> Object:
    """The amount due has come: emits invoice_payment.paid, invoice.paid and invoice.payment_succeeded."""
    invoice.update(
        amount_paid=invoice["amount_due"],
        amount_paid_off_stripe=invoice["amount_due"] if out_of_band else 0,
        amount_remaining=0,
        next_payment_attempt=None,
    )
    for payment in world.store.find("invoice_payment", invoice=invoice["id"]):
        if out_of_band:
            _close_payment(world, payment, "canceled", at)
            intents.cancel(world, _intent(world, payment), at=at, reason="abandoned")
        else:
            payment["amount_paid"] = invoice["amount_due"]
            _close_payment(world, payment, "paid", at)
            world.emit("invoice_payment.paid", payment)
    _be_paid(world, invoice, at)
    return invoice


def void(world: World, invoice: Object, *, at: int) -> Object:
    """Give an open invoice up as a mistake; emits invoice.voided."""
    invoice = _give_up(world, invoice, "void", "voided_at", at)
    for payment in world.store.find("invoice_payment", invoice=invoice["id"]):
        _close_payment(world, payment, "canceled", at)
        intents.cancel(world, _intent(world, payment), at=at, reason="void_invoice")
    show_payments(world, invoice)
    world.emit("invoice.voided", invoice)
    return invoice


def give_up(world: World, invoice: Object, *, at: int) -> Object:
    """Take an open invoice for a bad debt; it can still be paid. Emits invoice.marked_uncollectible."""
    invoice = _give_up(world, invoice, "uncollectible", "marked_uncollectible_at", at)
    world.emit("invoice.marked_uncollectible", invoice)
    return invoice


def intent_of(world: World, invoice: Object) -> Object:
    """Return the payment intent of an invoice that has something due."""
    return _intent(world, world.store.find("invoice_payment", invoice=invoice["id"])[0])


def show_payments(world: World, invoice: Object) -> None:
    """Bring the list `payments` of an invoice up to date, and keep it."""
    payments = world.store.find("invoice_payment", invoice=invoice["id"])
    invoice["payments"] = listing(payments, invoice["payments"]["url"])
    world.store.put(invoice)


def _ask(world: World, invoice: Object, at: int) -> Object:
    intent = intents.new_intent(
        world,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        at=at,
        description=_DESCRIPTIONS[invoice["billing_reason"]],
    )
    world.store.put(
        {
            "id": world.store.new_id("inpay"),
            "object": "invoice_payment",
            "amount_paid": None,
            "amount_requested": invoice["amount_due"],
            "created": at,
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        }
    )
    invoice["confirmation_secret"] = {"client_secret": intent["client_secret"], "type": "payment_intent"}
    show_payments(world, invoice)
    return intent


def _be_paid(world: World, invoice: Object, at: int) -> None:
    invoice.update(
        status="paid",
        attempted=True,
        auto_advance=False,
        status_transitions={**invoice["status_transitions"], "paid_at": at},
    )
    show_payments(world, invoice)
    world.emit("invoice.paid", invoice)
    world.emit("invoice.payment_succeeded", invoice)
    after_payment(world, invoice)


def _give_up(world: World, invoice: Object, status: str, member: str, at: int) -> Object:
    if invoice["status"] not in ("open", "uncollectible") or invoice["status"] == status:
        message = f"You can only pass in open invoices. This invoice isn't open: it is {invoice['status']}."
        raise InvalidError(message)
    invoice.update(
        status=status,
        auto_advance=False,
        next_payment_attempt=None,
        status_transitions={**invoice["status_transitions"], member: at},
    )
    return world.store.put(invoice)


def _close_payment(world: World, payment: Object, status: str, at: int) -> None:
    payment["status"] = status
    payment["status_transitions"][f"{status}_at"] = at
    world.store.put(payment)


def _intent(world: World, payment: Object) -> Object:
    return world.store.get("payment_intent", payment["payment"]["payment_intent"])


def _next_number(world: World, customer_id: str, currency: str) -> str:
    customer = world.store.get("customer", customer_id)
    sequence = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = sequence + 1
    customer["currency"] = customer["currency"] or currency
    world.store.put(customer)
    return f"{customer['invoice_prefix']}-{sequence:04d}"
