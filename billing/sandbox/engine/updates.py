"""Answers a request to update a subscription: each part of it, in the order in which Stripe applies them."""

from typing import Any

from billing.sandbox.asked import (
    Params,
    boolean,
    choice,
    entries,
    integer,
    mapping,
    metadata,
    moment,
    only,
    text,
)
from billing.sandbox.engine import changes, cycles, discounts, following
from billing.sandbox.engine.cancelling import cancellation_details
from billing.sandbox.engine.collecting import own_method
from billing.sandbox.engine.items import period_of
from billing.sandbox.engine.records import amend
from billing.sandbox.engine.subscriptions import BEHAVIORS
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

UPDATED = "customer.subscription.updated"
_KNOWN = (
    "items",
    "proration_behavior",
    "proration_date",
    "billing_cycle_anchor",
    "payment_behavior",
    "cancel_at_period_end",
    "cancel_at",
    "cancellation_details",
    "trial_end",
    "trial_settings",
    "metadata",
    "description",
    "default_payment_method",
    "discounts",
    "off_session",
    "collection_method",
)
_AFTER_THE_END = {"metadata", "cancellation_details", "expand"}


def update_subscription(world: World, subscription_id: str, params: Params) -> Object:
    """Update a subscription and return it.

    Prices: see `changes.plan_change`. A payment that this asks for and that fails leaves the subscription
    past due, or with `error_if_incomplete` undoes everything (CardError 402). The end of one that follows a
    schedule is the schedule's matter: InvalidError.
    """
    only(params, *_KNOWN)
    choice(params, "collection_method", "charge_automatically")
    behavior = choice(params, "payment_behavior", *BEHAVIORS)
    with world.store.change():
        subscription = world.store.get("subscription", subscription_id)
        at = world.now(subscription)
        if subscription["ended_at"] is not None and not set(params) <= _AFTER_THE_END:
            message = "A canceled subscription can only update its cancellation_details and metadata."
            raise InvalidError(message)
        members = _plain(world, subscription, params)
        members.update(_ending(subscription, params, at))
        if "discounts" in params:
            asked = entries(params, "discounts")
            members["discounts"] = discounts.replace(world, subscription=subscription, asked=asked, at=at)
        amend(world, subscription, UPDATED, **members)
        if "trial_end" in params:
            _move_trial(world, subscription, params, at)
            subscription = world.store.get("subscription", subscription_id)
        if "items" in params or params.get("billing_cycle_anchor") == "now":
            changes.change_prices(world, subscription, params, at=at, behavior=behavior)
        following.take_over(world, world.store.get("subscription", subscription_id))
        return world.store.get("subscription", subscription_id)


def _plain(world: World, subscription: Object, params: Params) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if "metadata" in params:
        members["metadata"] = metadata(params, subscription["metadata"])
    if "description" in params:
        members["description"] = text(params, "description")
    if "cancellation_details" in params:
        members["cancellation_details"] = cancellation_details(params, subscription["cancellation_details"])
    if "default_payment_method" in params:
        members["default_payment_method"] = own_method(
            world, params, "default_payment_method", subscription["customer"]
        )
    if "trial_settings" in params:
        members["trial_settings"] = {**subscription["trial_settings"], **mapping(params, "trial_settings")}
    return members


def _ending(subscription: Object, params: Params, at: int) -> dict[str, Any]:
    """Return the members that plan, move or take back the end of a subscription.

    An end that was planned by `cancel_at` alone, as Stripe's portal does, is taken back by it alone too:
    `cancel_at_period_end` false leaves it.
    """
    if "cancel_at_period_end" not in params and "cancel_at" not in params:
        return {}
    at_end, before = boolean(params, "cancel_at_period_end"), subscription["cancel_at"]
    if at_end and params.get("cancel_at"):
        message = "You may only specify one of `cancel_at` and `cancel_at_period_end`."
        raise InvalidError(message, param="cancel_at")
    cancel_at: int | None
    if at_end:
        cancel_at = period_of(subscription)[1]
    elif "cancel_at" in params:
        cancel_at = _cancel_at(subscription, params)
    else:
        cancel_at = None if subscription["cancel_at_period_end"] else before
    if bool(at_end) == subscription["cancel_at_period_end"] and cancel_at == before:
        return {}
    if subscription["schedule"]:
        message = (
            f"The subscription is managed by the subscription schedule `{subscription['schedule']}`, and"
            " updating any cancelation behavior directly is not allowed. Please update the schedule instead."
        )
        raise InvalidError(message, param="cancel_at_period_end")
    details = cancellation_details(params, subscription["cancellation_details"])
    details["reason"] = "cancellation_requested" if cancel_at else None
    return {
        "cancel_at": cancel_at,
        "cancel_at_period_end": bool(at_end),
        "canceled_at": at if cancel_at else None,
        "cancellation_details": details,
    }


def _cancel_at(subscription: Object, params: Params) -> int | None:
    if params.get("cancel_at") in ("min_period_end", "max_period_end"):
        return period_of(subscription)[1]
    return integer(params, "cancel_at")


def _move_trial(world: World, subscription: Object, params: Params, at: int) -> None:
    end = moment(params, "trial_end", now=at)
    if end is None or end < at:
        raise InvalidError(
            "Invalid timestamp: must be an integer Unix timestamp in the future.", param="trial_end"
        )
    if end == at:
        if subscription["status"] == "trialing":
            cycles.renew(world, subscription, at=at, reason="subscription_update")
        return
    if subscription["status"] != "trialing":
        raise InvalidError("The sandbox moves the end of a running trial only.", param="trial_end")
    start, _ = period_of(subscription)
    items = cycles.with_items(subscription, subscription["items"]["data"], start=start, end=end)
    amend(world, subscription, UPDATED, trial_end=end, billing_cycle_anchor=end, items=items)
