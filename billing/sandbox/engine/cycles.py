"""Bills a subscription for a period: the first one, the next one, and one that begins before its time."""

from typing import Any

from billing.sandbox.engine import collecting, composing, discounts, invoices, pending
from billing.sandbox.engine.billed import remember_invoice
from billing.sandbox.engine.items import full_amount, interval_of, period_of, plan_of
from billing.sandbox.engine.lines import Line, period_line
from billing.sandbox.engine.periods import period_at
from billing.sandbox.engine.records import amend, listing
from billing.sandbox.engine.rules import rules
from billing.sandbox.errors import CardError
from billing.sandbox.store import Object
from billing.sandbox.world import World


def renew(
    world: World,
    subscription: Object,
    *,
    at: int,
    items: list[Object] | None = None,
    reason: str = "subscription_cycle",
) -> CardError | None:
    """Begin the next period at `at`, with `items` in place of its present ones if given, and bill it.

    A trial ends here; another interval begins a new cycle at `at`. A payment that fails leaves the
    subscription past due; why is returned. An unpaid subscription's invoice stays a draft.
    """
    began, _ = period_of(subscription)
    items = items or subscription["items"]["data"]
    changes: dict[str, Any] = next_period(subscription, items, at)
    if subscription["status"] == "trialing":
        changes["status"] = "active"
        changes["trial_end"] = min(subscription["trial_end"], at)
    in_force = _drop_ended(world, subscription, at)
    billing = {**subscription, **changes}
    lines = cycle_lines(world, billing)
    draft = compose_for(world, billing, lines, reason=reason, at=at, period=(began, at), found=in_force)
    amend(world, subscription, "customer.subscription.updated", **changes, latest_invoice=draft["id"])
    return issue(world, subscription, draft, lines, at=at)


def next_period(subscription: Object, items: list[Object], at: int) -> Object:
    """Return the members of a subscription that the period beginning at `at` with `items` changes."""
    interval, count = interval_of([item["price"] for item in items])
    before = interval_of([item["price"] for item in subscription["items"]["data"]])
    anchor = subscription["billing_cycle_anchor"]
    if (interval, count) != before or period_at(anchor, interval, count, at)[0] != at:
        anchor = at
    _, end = period_at(anchor, interval, count, at)
    return {"billing_cycle_anchor": anchor, "items": with_items(subscription, items, start=at, end=end)}


def with_items(subscription: Object, items: list[Object], *, start: int, end: int) -> Object:
    """Return the list of items, all in the period from `start` to `end`."""
    placed = [
        {**item, "plan": plan_of(item["price"]), "current_period_start": start, "current_period_end": end}
        for item in items
    ]
    return listing(placed, subscription["items"]["url"])


def cycle_lines(world: World, subscription: Object) -> list[Line]:
    """Return the lines of a whole period: what waited for it, then each item."""
    waiting = pending.waiting(world, customer_id=subscription["customer"], subscription_id=subscription["id"])
    full = [
        period_line(world, subscription, item, amount=full_amount(item))
        for item in subscription["items"]["data"]
    ]
    return [*waiting, *full]


def compose_for(
    world: World,
    subscription: Object,
    lines: list[Line],
    *,
    reason: str,
    at: int,
    period: tuple[int, int] | None = None,
    found: list[Object] | None = None,
    proration_date: int | None = None,
    **more: Any,
) -> Object:
    """Return a draft of a subscription's invoice, with its discounts and its customer's balance."""
    return composing.compose(
        world,
        customer=world.store.get("customer", subscription["customer"]),
        lines=lines,
        reason=reason,
        at=at,
        period=period,
        subscription=subscription,
        discounts=discounts.lasting(world, subscription, at) if found is None else found,
        proration_date=proration_date,
        **more,
    )


def issue(
    world: World,
    subscription: Object,
    draft: Object,
    lines: list[Line],
    *,
    at: int,
    collect: bool = True,
    attended: bool = False,
) -> CardError | None:
    """Keep a subscription's draft, finalise it and try to collect it; return why that failed, or None.

    That of an unpaid subscription stays a draft; a renewal's does for as long as the rules say.
    """
    pending.taken_up(world, lines, draft["id"])
    remember_invoice(world, draft, lines)
    _use_up(world, subscription, draft)
    waits = rules(world).draft_seconds if draft["billing_reason"] == "subscription_cycle" else 0
    if subscription["status"] == "unpaid" or (waits and draft["amount_due"]):
        draft["auto_advance"] = subscription["status"] != "unpaid"
        draft["automatically_finalizes_at"] = at + waits if draft["auto_advance"] else None
        world.store.put(draft)
        world.emit("invoice.created", draft)
        return None
    invoice = invoices.open_invoice(world, draft, at=at)
    if invoice["status"] == "open" and collect:
        return collecting.collect(world, invoice, at=at, attended=attended)
    return None


def _use_up(world: World, subscription: Object, draft: Object) -> None:
    """A coupon for one time is used up by the first invoice that it takes something off."""
    spent = {entry["discount"] for entry in draft["total_discount_amounts"] if entry["amount"]}
    for discount_id in spent:
        discount = world.store.get("discount", discount_id)
        if discounts.coupon_of(world, discount)["duration"] == "once":
            _drop(world, subscription, discount)


def _drop_ended(world: World, subscription: Object, at: int) -> list[Object]:
    """Take away the discounts that have run out; return those in force."""
    in_force = discounts.lasting(world, subscription, at)
    kept = [discount["id"] for discount in in_force]
    for discount_id in [found for found in subscription["discounts"] if found not in kept]:
        _drop(world, subscription, world.store.get("discount", discount_id))
    return in_force


def _drop(world: World, subscription: Object, discount: Object) -> None:
    kept = [discount_id for discount_id in subscription["discounts"] if discount_id != discount["id"]]
    amend(world, subscription, "customer.subscription.updated", discounts=kept)
    discounts.remove(world, discount)
