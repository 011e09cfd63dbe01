"""Walks a clock forward: everything that falls due happens at its moment, in the order of time."""

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from billing.sandbox.engine import by_hand, collecting, cycles, following, later
from billing.sandbox.engine.cancelling import EXPIRES_AFTER, expire
from billing.sandbox.engine.checkout import settle_payment
from billing.sandbox.engine.ending import end
from billing.sandbox.engine.items import period_of
from billing.sandbox.engine.refunds import settle_refund
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World

NOTICE_BEFORE_TRIAL_ENDS = 3 * 24 * 3600


class Due(NamedTuple):
    """Something that falls due: when, in what order among what falls due together, and what then happens."""

    at: int
    rank: int
    object_id: str
    happen: Callable[[World, str, int], None]


def advance(world: World, clock_id: str, to: int) -> None:
    """Let a clock go to `to` and stand there; all that falls due until then, that moment included, happens.

    Each thing happens at its own moment: trials end, periods renew, failed payments are tried again,
    schedules change prices, subscriptions end or expire, delayed payments and refunds settle.
    """
    with world.store.change():
        if to < world.now({"test_clock": clock_id}):
            raise InvalidError("A clock moves forward only.", param="frozen_time")
        _walk(world, clock_id, to, stands=True)
        world.set_clock(clock_id, to)


def catch_up(world: World) -> int:
    """Do what has fallen due by the real time for the clocks that follow it; return how much it was."""
    with world.store.change():
        return _walk(world, None, world.now(), stands=False)


def _walk(world: World, clock_id: str | None, to: int, *, stands: bool) -> int:
    """Let all that is due until `to` happen, of one clock or (None) of all that follow the real time."""
    done = 0
    while due := min(
        (entry for entry in _agenda(world, clock_id) if entry.at <= to), default=None, key=_order
    ):
        if stands and clock_id:
            world.set_clock(clock_id, due.at)
        due.happen(world, due.object_id, due.at)
        done += 1
    return done


def _order(due: Due) -> tuple[int, int, str]:
    return due.at, due.rank, due.object_id


def _agenda(world: World, clock_id: str | None) -> Iterator[Due]:
    of_clock = {"test_clock": clock_id} if clock_id else {}
    follows = functools.cache(world.follows)

    def concerns(owner: str | None) -> bool:
        return owner == clock_id if clock_id else owner is None or follows(owner)

    for subscription in world.store.find("subscription", ended_at=None, **of_clock):
        if concerns(subscription["test_clock"]):
            yield from _of_subscription(world, subscription)
    for invoice in world.store.find("invoice", status="open", **of_clock):
        if invoice["next_payment_attempt"] is not None and concerns(invoice["test_clock"]):
            yield Due(invoice["next_payment_attempt"], 1, invoice["id"], _try_again)
    for invoice in world.store.find("invoice", status="draft", **of_clock):
        if invoice["automatically_finalizes_at"] is not None and concerns(invoice["test_clock"]):
            yield Due(invoice["automatically_finalizes_at"], 1, invoice["id"], _finalize)
    for settled in later.waiting(world):
        if concerns(settled.clock_id):
            yield Due(settled.at, 0, settled.object_id, _SETTLE[settled.kind])


def _of_subscription(world: World, subscription: Object) -> Iterator[Due]:
    if subscription["status"] == "incomplete":
        yield Due(subscription["created"] + EXPIRES_AFTER, 2, subscription["id"], _expire)
        return
    if subscription["status"] == "trialing":
        told = world.store.notes(subscription["id"]).get("told_of_trial_end")
        if told != subscription["trial_end"]:
            at = max(subscription["trial_end"] - NOTICE_BEFORE_TRIAL_ENDS, subscription["created"])
            yield Due(at, 0, subscription["id"], _tell_of_trial_end)
    moments = [
        period_of(subscription)[1],
        following.phase_ends(world, subscription),
        subscription["cancel_at"],
    ]
    yield Due(min(moment for moment in moments if moment is not None), 3, subscription["id"], _turn)


def _turn(world: World, subscription_id: str, at: int) -> None:
    """A period, a phase or the subscription itself ends at `at`."""
    subscription = world.store.get("subscription", subscription_id)
    _, period_end = period_of(subscription)
    items = None
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= at:
        end(world, subscription, at=at)
        return
    if following.phase_ends(world, subscription) == at:
        items = following.move_on(world, subscription, at=at)
        subscription = world.store.get("subscription", subscription_id)
        if items is not None and period_end > at:
            following.enter_within_period(world, subscription, at=at)
    if period_end == at and subscription["ended_at"] is None:
        _renew(world, subscription, items, at)


def _renew(world: World, subscription: Object, items: list[Object] | None, at: int) -> None:
    ends_trial = subscription["status"] == "trialing"
    without_card = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    card = subscription["default_payment_method"] or collecting.default_of(world, subscription["customer"])
    if ends_trial and card is None and without_card == "cancel":
        end(world, subscription, at=at, reason="payment_failed")
        return
    cycles.renew(world, subscription, at=at, items=items)


def _tell_of_trial_end(world: World, subscription_id: str, at: int) -> None:
    subscription = world.store.get("subscription", subscription_id)
    world.store.note(subscription_id, told_of_trial_end=subscription["trial_end"])
    world.emit("customer.subscription.trial_will_end", subscription)


def _expire(world: World, subscription_id: str, at: int) -> None:
    expire(world, world.store.get("subscription", subscription_id), at=at)


def _finalize(world: World, invoice_id: str, at: int) -> None:
    invoice = by_hand.finalize(world, world.store.get("invoice", invoice_id), at=at)
    if invoice["status"] == "open":
        collecting.collect(world, invoice, at=at)


def _try_again(world: World, invoice_id: str, at: int) -> None:
    collecting.collect(world, world.store.get("invoice", invoice_id), at=at)


def _settle_payment(world: World, intent_id: str, at: int) -> None:
    settle_payment(world, intent_id, at=at)


def _settle_refund(world: World, refund_id: str, at: int) -> None:
    settle_refund(world, refund_id)


_SETTLE = {"payment_intent": _settle_payment, "refund": _settle_refund}
