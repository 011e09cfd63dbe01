"""The billing brain of the sandbox: one function for each thing that Stripe does.

Each takes the world and the parameters of Stripe's request (by Stripe's names, as texts or as values), works
in one change of the store, emits its events, and returns the object as the API answers it. Its refusals are
`billing.sandbox.errors`.
"""

from billing.sandbox.engine.by_hand import create_invoice, finalize_invoice, mark_uncollectible, void_invoice
from billing.sandbox.engine.cancelling import cancel_subscription
from billing.sandbox.engine.checkout import complete_checkout, settle_payment
from billing.sandbox.engine.clock import advance, catch_up
from billing.sandbox.engine.collecting import pay_invoice, set_default_payment_method
from billing.sandbox.engine.disputes import close_dispute, open_dispute
from billing.sandbox.engine.leaving import delete_customer
from billing.sandbox.engine.pending import create_invoice_item
from billing.sandbox.engine.previews import preview_invoice
from billing.sandbox.engine.refunds import fail_refund, refund, settle_refund
from billing.sandbox.engine.rules import set_rules
from billing.sandbox.engine.schedules import (
    cancel_schedule,
    create_schedule,
    release_schedule,
    update_schedule,
)
from billing.sandbox.engine.subscriptions import create_subscription
from billing.sandbox.engine.updates import update_subscription

__all__ = [
    "advance",
    "cancel_schedule",
    "cancel_subscription",
    "catch_up",
    "close_dispute",
    "complete_checkout",
    "create_invoice",
    "create_invoice_item",
    "create_schedule",
    "create_subscription",
    "delete_customer",
    "fail_refund",
    "finalize_invoice",
    "mark_uncollectible",
    "open_dispute",
    "pay_invoice",
    "preview_invoice",
    "refund",
    "release_schedule",
    "set_default_payment_method",
    "set_rules",
    "settle_payment",
    "settle_refund",
    "update_schedule",
    "update_subscription",
    "void_invoice",
]
