"""Creates subscriptions with the invoice of their first period."""

from typing import Any

from billing.sandbox.asked import (
    Params,
    boolean,
    choice,
    entries,
    integer,
    mapping,
    metadata,
    missing,
    moment,
    only,
    required,
    text,
)
from billing.sandbox.engine import collecting, cycles, discounts
from billing.sandbox.engine.items import full_amount, interval_of, new_item
from billing.sandbox.engine.lines import Line, period_line
from billing.sandbox.engine.periods import boundary
from billing.sandbox.engine.records import listing
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

_DAY = 24 * 3600
BEHAVIORS = ("allow_incomplete", "default_incomplete", "error_if_incomplete")
_KNOWN = (
    "customer",
    "items",
    "currency",
    "default_payment_method",
    "trial_period_days",
    "trial_end",
    "trial_settings",
    "discounts",
    "metadata",
    "description",
    "payment_behavior",
    "payment_settings",
    "collection_method",
    "cancel_at_period_end",
    "cancel_at",
    "off_session",
    "billing_mode",
    "proration_behavior",
)


def create_subscription(
    world: World, params: Params, *, attended: bool = False, pay: bool = True, session_id: str | None = None
) -> Object:
    """Create a subscription, bill its first period and try to collect that; returns the subscription.

    It is `trialing` within a trial (a paid invoice of nothing), `active` once its first invoice is paid,
    `incomplete` until then: with `default_incomplete` no payment is tried, with `allow_incomplete` a
    declined one is kept, with `error_if_incomplete` it undoes everything (CardError 402). After 23 hours
    an incomplete one expires. `attended`: the card's owner is there. `pay=False`: leave the first invoice
    open, the caller collects it.
    """
    only(params, *_KNOWN)
    choice(params, "collection_method", "charge_automatically")
    behavior = choice(params, "payment_behavior", *BEHAVIORS)
    with world.store.change():
        customer = world.store.get("customer", required(params, "customer"), param="customer")
        at = world.now(customer)
        subscription = _draft(world, params, customer, at)
        asked = entries(params, "discounts")
        lines, invoice = _bill(world, subscription, asked, at=at, session_id=session_id)
        if invoice["amount_due"] and behavior != "default_incomplete":
            _check_payable(world, invoice)
        world.emit("customer.subscription.created", subscription)
        collect = pay and behavior != "default_incomplete"
        declined = cycles.issue(
            world, subscription, invoice, lines, at=at, collect=collect, attended=attended
        )
        if declined and behavior == "error_if_incomplete":
            raise collecting.refusal(declined)
        return world.store.get("subscription", subscription["id"])


def _bill(
    world: World, subscription: Object, asked: list[Object], *, at: int, session_id: str | None
) -> tuple[list[Line], Object]:
    """Keep a new subscription with its discounts; return the lines and the draft of its first invoice."""
    world.store.put(subscription)
    found = discounts.redeem(world, subscription=subscription, asked=asked, at=at, session_id=session_id)
    subscription["discounts"] = [discount["id"] for discount in found]
    lines = _first_lines(world, subscription)
    invoice = cycles.compose_for(world, subscription, lines, reason="subscription_create", at=at, found=found)
    if not invoice["amount_due"] and subscription["status"] == "incomplete":
        subscription["status"] = "active"
    subscription["latest_invoice"] = invoice["id"]
    world.store.put(subscription)
    return lines, invoice


def _check_payable(world: World, invoice: Object) -> None:
    if collecting.method_of(world, invoice) is None:
        raise InvalidError(collecting.NO_CARD, code="resource_missing")


def _first_lines(world: World, subscription: Object) -> list[Line]:
    """Return the lines of the first period: nothing is billed for a trial."""
    trial = subscription["status"] == "trialing"
    return [
        period_line(world, subscription, item, amount=0 if trial else full_amount(item), trial=trial)
        for item in subscription["items"]["data"]
    ]


def _draft(world: World, params: Params, customer: Object, at: int) -> Object:
    subscription_id = world.store.new_id("sub")
    trial_end = _trial_end(params, at)
    asked = entries(params, "items")
    if not asked:
        raise missing("items")
    items = [new_item(world, subscription_id, entry, start=at, end=at, at=at) for entry in asked]
    interval, count = interval_of([item["price"] for item in items])
    anchor = trial_end or at
    end = trial_end or boundary(anchor, interval, count, 1)
    for item in items:
        item["current_period_end"] = end
    cancel_at = integer(params, "cancel_at")
    at_end = bool(boolean(params, "cancel_at_period_end"))
    return {
        **_template(params, at),
        "id": subscription_id,
        "billing_cycle_anchor": anchor,
        "cancel_at": end if at_end else cancel_at,
        "cancel_at_period_end": at_end,
        "canceled_at": at if at_end or cancel_at else None,
        "currency": items[0]["price"]["currency"],
        "customer": customer["id"],
        "default_payment_method": collecting.own_method(
            world, params, "default_payment_method", customer["id"]
        ),
        "items": listing(items, f"/v1/subscription_items?subscription={subscription_id}"),
        "status": "trialing" if trial_end else "incomplete",
        "test_clock": customer["test_clock"],
        "trial_end": trial_end,
        "trial_start": at if trial_end else None,
    }


def _trial_end(params: Params, at: int) -> int | None:
    days = integer(params, "trial_period_days")
    end = moment(params, "trial_end", now=at)
    if days and end:
        raise InvalidError(
            "You may only specify one of `trial_end` and `trial_period_days`.", param="trial_end"
        )
    if days:
        return at + days * _DAY
    if end is not None and end < at:
        raise InvalidError(
            "Invalid timestamp: must be an integer Unix timestamp in the future.", param="trial_end"
        )
    return end if end is not None and end > at else None


def _template(params: Params, at: int) -> dict[str, Any]:
    payment = mapping(params, "payment_settings")
    behavior = mapping(mapping(params, "trial_settings"), "end_behavior")
    return {
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor_config": None,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
            "updated_at": at,
        },
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": at,
        "customer_account": None,
        "days_until_due": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": text(params, "description"),
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "latest_invoice": None,
        "livemode": False,
        "metadata": metadata(params),
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": payment.get("save_default_payment_method", "off"),
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": at,
        "transfer_data": None,
        "trial_settings": {
            "end_behavior": {
                "missing_payment_method": behavior.get("missing_payment_method", "create_invoice")
            }
        },
    }
