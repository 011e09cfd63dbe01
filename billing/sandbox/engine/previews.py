"""Previews the next invoice, or the one that a change would make, and changes nothing."""

from collections.abc import Callable
from itertools import count

from billing.sandbox.asked import Params, boolean, entries, mapping, missing, only, text
from billing.sandbox.engine import changes, composing, cycles, discounts, following, pending
from billing.sandbox.engine.items import full_amount, interval_of, new_item, period_of
from billing.sandbox.engine.lines import Line, period_line
from billing.sandbox.engine.periods import boundary
from billing.sandbox.engine.records import listing
from billing.sandbox.errors import ApiError, InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

_DETAILS = (
    "items",
    "proration_behavior",
    "proration_date",
    "billing_cycle_anchor",
    "cancel_at_period_end",
    "cancel_now",
    "trial_end",
)


class NoUpcomingError(ApiError):
    """Nothing will be billed."""

    status = 404


def preview_invoice(world: World, params: Params) -> Object:
    """Return the invoice that would come: of the next period, or of a change of `subscription_details`.

    With `always_invoice`, or where a period begins at once, it is the invoice of the change itself, by the
    same arithmetic: for the same `proration_date` both have the same lines and totals. With
    `create_prorations` it is the next period's, prorations included. Nothing is stored; ids are made up.
    """
    only(params, "customer", "subscription", "subscription_details", "discounts", "preview_mode")
    details = mapping(params, "subscription_details")
    only(details, *_DETAILS)
    if not text(params, "subscription"):
        return _first(world, params, details)
    subscription = world.store.get("subscription", text(params, "subscription") or "", param="subscription")
    at = world.now(subscription)
    ends = boolean(details, "cancel_at_period_end")
    if ends is None:
        ends = subscription["cancel_at"] is not None
    if subscription["ended_at"] is not None:
        raise _nothing(subscription)
    if boolean(details, "cancel_now") or details.get("trial_end"):
        raise InvalidError(
            "The sandbox previews changes of prices and renewals only.", param="subscription_details"
        )
    subscription = {**subscription, "discounts": _ids(subscription, params)}
    if not entries(details, "items") and details.get("billing_cycle_anchor") != "now":
        return _next(world, subscription, ends=bool(ends))
    plan = changes.plan_change(world, subscription, details, at=at)
    changed = {**subscription, **plan.changes}
    waiting = pending.waiting(world, customer_id=subscription["customer"], subscription_id=subscription["id"])
    if plan.invoices_now(text(details, "proration_behavior") or "create_prorations"):
        return changes.compose_change(world, changed, waiting + plan.lines, plan, at=at, new_id=_made_up())
    return _next(world, changed, ends=bool(ends), more=plan.lines, proration_date=plan.proration_date)


def _next(
    world: World,
    subscription: Object,
    *,
    ends: bool,
    more: list[Line] | None = None,
    proration_date: int | None = None,
) -> Object:
    """Return the invoice at the end of the present period."""
    start, end = period_of(subscription)
    waiting = pending.waiting(world, customer_id=subscription["customer"], subscription_id=subscription["id"])
    lines = waiting + (more or [])
    if not ends:
        subscription, items = _entering(world, subscription, end)
        then = {**subscription, **cycles.next_period(subscription, items, end)}
        lines += [period_line(world, then, item, amount=full_amount(item)) for item in then["items"]["data"]]
    if not lines:
        raise _nothing(subscription)
    return cycles.compose_for(
        world,
        subscription,
        lines,
        reason="upcoming",
        at=end,
        period=(start, end),
        proration_date=proration_date,
        new_id=_made_up(),
    )


def _entering(world: World, subscription: Object, end: int) -> tuple[Object, list[Object]]:
    """Return the subscription with the discounts, and the items, of the schedule's phase that then begins."""
    items: list[Object] = subscription["items"]["data"]
    if following.phase_ends(world, subscription) != end:
        return subscription, items
    kept = following.next_discounts(world, subscription, at=end)
    return {**subscription, "discounts": kept}, following.next_items(world, subscription, at=end) or items


def _first(world: World, params: Params, details: Object) -> Object:
    """Return the first invoice of a subscription that does not exist yet."""
    customer = world.store.get("customer", text(params, "customer") or "", param="customer")
    at = world.now(customer)
    items = [new_item(world, "", entry, start=at, end=at, at=at) for entry in entries(details, "items")]
    if not items:
        raise missing("subscription")
    interval, times = interval_of([item["price"] for item in items])
    for item in items:
        item["current_period_end"] = boundary(at, interval, times, 1)
    subscription = {"id": None, "customer": customer["id"], "items": listing(items, "")}
    lines = [period_line(world, subscription, item, amount=full_amount(item)) for item in items]
    found = [_would_be(world, entry, at, customer) for entry in entries(params, "discounts")]
    return composing.compose(
        world, customer=customer, lines=lines, reason="upcoming", at=at, discounts=found, new_id=_made_up()
    )


def _would_be(world: World, entry: Object, at: int, customer: Object) -> Object:
    coupon, _ = discounts.resolve(world, entry, at=at, customer=customer)
    return {"id": f"di_{coupon['id']}", "source": {"coupon": coupon["id"]}}


def _ids(subscription: Object, params: Params) -> list[str]:
    if params.get("discounts") == "":
        return []
    if entries(params, "discounts"):
        raise InvalidError(
            "The sandbox previews a running subscription with its own discounts.", param="discounts"
        )
    ids: list[str] = subscription["discounts"]
    return ids


def _made_up() -> Callable[[str], str]:
    numbers = count(1)
    return lambda prefix: f"upcoming_{prefix}_{next(numbers)}"


def _nothing(subscription: Object) -> NoUpcomingError:
    message = f"No upcoming invoices for customer: {subscription['customer']}"
    return NoUpcomingError(message, code="invoice_upcoming_none")
