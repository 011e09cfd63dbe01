"""Composes an invoice out of lines: discounts, totals, and the customer's balance. It keeps nothing."""

from collections.abc import Callable

from billing.sandbox.engine.discounts import coupon_of, cuts
from billing.sandbox.engine.lines import Line, line_item
from billing.sandbox.engine.records import listing
from billing.sandbox.store import Object
from billing.sandbox.world import World

MINIMUM_CHARGE = 50
"""Cents below which Stripe charges nothing and adds the amount to the customer's balance."""


def compose(
    world: World,
    *,
    customer: Object,
    lines: list[Line],
    reason: str,
    at: int,
    period: tuple[int, int] | None = None,
    subscription: Object | None = None,
    discounts: list[Object] | None = None,
    proration_date: int | None = None,
    new_id: Callable[[str], str] | None = None,
) -> Object:
    """Return a draft of the invoice for `lines`; nothing is stored and nothing about the customer changes.

    `discounts` take off what the discountable lines bill. The total then meets the customer's balance
    (negative: credit): what is left above zero is due, what is left below zero stays as credit.
    """
    new_id = new_id or world.store.new_id
    discounts = discounts or []
    invoice_id = new_id("in")
    taken = _taken(world, lines, discounts)
    shown = [
        line_item(
            line,
            line_id=new_id("il"),
            invoice_id=invoice_id,
            off=[(key, off[index]) for key, off in taken if off[index]],
        )
        for index, line in enumerate(lines)
    ]
    subtotal = sum(line.amount for line in lines)
    total_discounts: list[Object] = [{"amount": sum(off), "discount": key} for key, off in taken]
    total = subtotal - sum(entry["amount"] for entry in total_discounts)
    due, ending = balance(total, customer["balance"])
    start, end = period or (at, at)
    return {
        **_header(customer, invoice_id, lines, at),
        "amount_due": due,
        "amount_remaining": due,
        "billing_reason": reason,
        "default_payment_method": None,
        "discounts": [discount["id"] for discount in discounts],
        "ending_balance": ending,
        "lines": listing(shown, f"/v1/invoices/{invoice_id}/lines"),
        "parent": _parent(subscription, proration_date),
        "period_end": end,
        "period_start": start,
        "starting_balance": customer["balance"],
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "test_clock": customer["test_clock"],
        "total": total,
        "total_discount_amounts": total_discounts,
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [{**entry, "type": "discount"} for entry in total_discounts],
    }


def balance(total: int, starting: int) -> tuple[int, int]:
    """Return what is due of a total and what becomes of the customer's balance, both in cents."""
    left = total + starting
    if left < MINIMUM_CHARGE:
        return 0, left
    return left, 0


def _taken(world: World, lines: list[Line], discounts: list[Object]) -> list[tuple[str, list[int]]]:
    open_amounts = [(line.amount if line.discountable else 0, line.product_id) for line in lines]
    off = cuts(open_amounts, [coupon_of(world, discount) for discount in discounts])
    return [(discount["id"], cents) for discount, cents in zip(discounts, off, strict=True)]


def _parent(subscription: Object | None, proration_date: int | None) -> Object | None:
    if subscription is None:
        return None
    details: Object = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
    if proration_date is not None:
        details["subscription_proration_date"] = proration_date
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def _header(customer: Object, invoice_id: str, lines: list[Line], at: int) -> Object:
    return {
        "id": invoice_id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Sandbox",
        "account_tax_ids": None,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": None,
        "collection_method": "charge_automatically",
        "created": at,
        "currency": lines[0].currency,
        "custom_fields": None,
        "customer": customer["id"],
        "customer_account": None,
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": None,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "due_date": None,
        "effective_at": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "payments": listing([], f"/v1/invoice_payments?invoice={invoice_id}"),
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "total_taxes": [],
        "webhooks_delivered_at": at,
    }
