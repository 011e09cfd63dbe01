"""Changes a subscription: its prices in the middle of a period, its end, its trial, and what it carries."""

from dataclasses import dataclass, replace
from typing import Any

from billing.sandbox.asked import Params, boolean, choice, entries, integer, metadata
from billing.sandbox.engine import collecting, cycles, discounts, pending
from billing.sandbox.engine.billed import Billed, billed_for, remember
from billing.sandbox.engine.discounts import coupon_of, cuts
from billing.sandbox.engine.items import (
    full_amount,
    interval_of,
    new_item,
    period_of,
    quantity_of,
    recurring_price,
)
from billing.sandbox.engine.lines import Line, on_day, period_line, product_name
from billing.sandbox.engine.proration import unused
from billing.sandbox.engine.records import amend
from billing.sandbox.errors import CardError, InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

PRORATIONS = ("create_prorations", "always_invoice", "none")


@dataclass(frozen=True)
class Plan:
    """What a change of prices makes: the members of the subscription, and the lines that it bills."""

    changes: Object
    lines: list[Line]
    billed: dict[str, Billed]
    """By item: what it counts as billed for, from now on."""
    begins_period: bool
    proration_date: int | None

    def invoices_now(self, behavior: str) -> bool:
        """Whether the lines are billed at once rather than with the next invoice."""
        return self.begins_period or (behavior == "always_invoice" and bool(self.lines))


def plan_change(
    world: World, subscription: Object, params: Params, *, at: int, planned: bool = False
) -> Plan:
    """Work out a change of prices or quantities (items, proration_behavior, proration_date); changes nothing.

    Within the same interval the unused time of the old price is credited and the remaining time of the new
    one billed, to the second. Another interval (or `billing_cycle_anchor` now) begins a period at once: the
    old one is credited, the new one billed whole. In a trial nothing is credited or billed.
    """
    before = subscription["items"]["data"]
    items = wanted_items(world, subscription, entries(params, "items"), at, planned=planned)
    prorates = choice(params, "proration_behavior", *PRORATIONS) != "none"
    date = _proration_date(subscription, params, at)
    trial = subscription["status"] == "trialing"
    restarts = params.get("billing_cycle_anchor") == "now" or _interval(items) != _interval(before)
    if restarts and not trial:
        return _new_period(world, subscription, items, at=at, date=date if prorates else None)
    start, end = period_of(subscription)
    changes = {"items": cycles.with_items(subscription, items, start=start, end=end)}
    if trial or not prorates:
        return Plan(changes, [], {}, False, None)
    gone = [item for item in before if not _among(item, items)]
    new = [item for item in items if not _among(item, before)]
    debits, billed = _debits(world, subscription, new, date)
    return Plan(changes, credit_lines(world, subscription, gone, at=date) + debits, billed, False, date)


def _new_period(
    world: World, subscription: Object, items: list[Object], *, at: int, date: int | None
) -> Plan:
    """Begin a period at `at`: give back the old one from `date` on (None: not at all), bill the new one."""
    before = subscription["items"]["data"]
    given_back = [] if date is None else credit_lines(world, subscription, before, at=date)
    changes = cycles.next_period({**subscription, "billing_cycle_anchor": at}, items, at)
    placed = changes["items"]["data"]
    full = [period_line(world, subscription, item, amount=full_amount(item)) for item in placed]
    return Plan(changes, given_back + full, {}, True, date)


def change_prices(
    world: World,
    subscription: Object,
    params: Params,
    *,
    at: int,
    behavior: str = "allow_incomplete",
    planned: bool = False,
) -> CardError | None:
    """Carry a change of prices out; return why its payment failed, or None.

    See `plan_change`. Lines that are not billed at once wait for the next invoice. `behavior`: what a failed
    payment does (`payment_behavior`); `error_if_incomplete` raises, which undoes everything.
    """
    plan = plan_change(world, subscription, params, at=at, planned=planned)
    if plan.changes["items"] == subscription["items"] and not plan.begins_period:
        return None
    customer = world.store.get("customer", subscription["customer"])
    lines = [_as_item(world, line) for line in plan.lines]
    for line in lines:
        if line.invoice_item_id:
            pending.keep(world, line, customer=customer, at=at)
    for item_id, billed in plan.billed.items():
        remember(world, item_id, billed)
    if not plan.invoices_now(choice(params, "proration_behavior", *PRORATIONS)):
        amend(world, subscription, "customer.subscription.updated", **plan.changes)
        return None
    changed = {**subscription, **plan.changes}
    full = [line for line in lines if not line.invoice_item_id]
    all_lines = pending.waiting(world, customer_id=customer["id"], subscription_id=subscription["id"]) + full
    draft = compose_change(world, changed, all_lines, plan, at=at)
    amend(world, subscription, "customer.subscription.updated", **plan.changes, latest_invoice=draft["id"])
    declined = cycles.issue(
        world, subscription, draft, all_lines, at=at, collect=behavior != "default_incomplete"
    )
    if declined and behavior == "error_if_incomplete":
        raise collecting.refusal(declined)
    return declined


def compose_change(
    world: World, changed: Object, lines: list[Line], plan: Plan, *, at: int, **more: Any
) -> Object:
    """Return a draft of the invoice of a change; the preview and the change itself come from here."""
    return cycles.compose_for(
        world, changed, lines, reason="subscription_update", at=at, proration_date=plan.proration_date, **more
    )


def wanted_items(
    world: World, subscription: Object, asked: list[Object], at: int, *, planned: bool = False
) -> list[Object]:
    """Return the items of a subscription after `asked`: by id changed or deleted, without an id added.

    `planned`: it was asked for earlier, when its prices were sold; they may have been archived since.
    """
    start, end = period_of(subscription)
    items = {item["id"]: item for item in subscription["items"]["data"]}
    for entry in asked:
        item_id = entry.get("id")
        if item_id is None:
            item = new_item(world, subscription["id"], entry, start=start, end=end, at=at, planned=planned)
        elif item_id not in items:
            message = f"No such subscription item: '{item_id}'"
            raise InvalidError(message, code="resource_missing", param="items[0][id]")
        elif boolean(entry, "deleted"):
            del items[item_id]
            continue
        else:
            item = _changed(world, items[item_id], entry, planned)
        items[item["id"]] = item
    prices = [item["price"]["id"] for item in items.values()]
    if len(set(prices)) != len(prices):
        raise InvalidError("Cannot add multiple subscription items with the same price.", param="items")
    if not items:
        raise InvalidError("A subscription must have at least one item.", param="items")
    _interval(list(items.values()))
    return list(items.values())


def credit_lines(world: World, subscription: Object, items: list[Object], *, at: int) -> list[Line]:
    """Return the lines that give back the unused time of what the items were billed for."""
    lines = []
    for item in items:
        billed = billed_for(world, item)
        amount = unused(billed.amount, start=billed.start, end=billed.end, at=at)
        lines.append(
            Line(
                amount=-amount,
                currency=item["price"]["currency"],
                description=f"Unused time on {product_name(world, item['price'])} after {on_day(at)}",
                start=at,
                end=item["current_period_end"],
                quantity=item["quantity"],
                price=item["price"],
                subscription_id=subscription["id"],
                item_id=item["id"],
                proration=True,
                credited=(billed.invoice_id, billed.line_id) if billed.invoice_id else None,
            )
        )
    return lines


def _debits(
    world: World, subscription: Object, items: list[Object], date: int
) -> tuple[list[Line], dict[str, Billed]]:
    coupons = [coupon_of(world, found) for found in discounts.lasting(world, subscription, date)]
    lines, billed = [], {}
    for item in items:
        start, end, price = item["current_period_start"], item["current_period_end"], item["price"]
        gross = full_amount(item)
        net = gross - sum(off[0] for off in cuts([(gross, price["product"])], coupons))
        billed[item["id"]] = Billed(net, start, end)
        lines.append(
            Line(
                amount=unused(net, start=start, end=end, at=date),
                currency=price["currency"],
                description=f"Remaining time on {product_name(world, price)} after {on_day(date)}",
                start=date,
                end=end,
                quantity=item["quantity"],
                price=price,
                subscription_id=subscription["id"],
                item_id=item["id"],
                proration=True,
            )
        )
    return lines, billed


def _changed(world: World, item: Object, entry: Object, planned: bool) -> Object:
    price = item["price"]
    if entry.get("price") not in (None, price["id"]):
        price = recurring_price(world, entry["price"], planned=planned)
    notes = metadata(entry, item["metadata"])
    return {**item, "price": price, "quantity": quantity_of(entry, item["quantity"]), "metadata": notes}


def _proration_date(subscription: Object, params: Params, at: int) -> int:
    date = integer(params, "proration_date")
    start, end = period_of(subscription)
    if date is None:
        return at
    if not start <= date <= end:
        raise InvalidError("`proration_date` must be within the current period.", param="proration_date")
    return date


def _as_item(world: World, line: Line) -> Line:
    return replace(line, invoice_item_id=world.store.new_id("ii")) if line.proration else line


def _interval(items: list[Object]) -> tuple[str, int]:
    return interval_of([item["price"] for item in items])


def _among(item: Object, others: list[Object]) -> bool:
    """Whether one of the others bills the same: the same item, price and quantity."""
    same = (item["id"], item["price"]["id"], item["quantity"])
    return any((other["id"], other["price"]["id"], other["quantity"]) == same for other in others)
