"""In whatever order, and however often, Stripe tells of a purchase, the studio comes to the same state (B03)."""

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from djstripe.models import Customer

from accounts.models import User
from billing.models import StripeTicket, WebhookEvent
from billing.services import checkout
from billing.webhooks import events, inbox
from config.common.clock import now
from tests.billing.shop import Shop
from tests.billing.state import hash_of, state_of

pytestmark = pytest.mark.django_db

TYPES = (
    "customer.created",
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "invoice.paid",
)
SAMPLE = 5


@pytest.fixture
def bought(at_stripe, alice: User) -> list[dict[str, Any]]:
    """What Stripe has to tell of one purchase: an event of each type."""
    shop = Shop(at_stripe)
    checkout.start(user=alice, plan="starter", interval="month", key="one")
    subscription = shop.pay(alice)["subscription"]
    shop.client.v1.subscriptions.update(subscription, {"description": "seen"})
    told = {event["type"]: event for event in shop.events(alice)}
    return [told[kind] for kind in TYPES]


def test_some_orders_lead_to_the_same_state(bought, alice, dice) -> None:
    orders = [tuple(bought), tuple(reversed(bought))]
    orders += [tuple(dice.sample(bought, len(bought))) for _ in range(SAMPLE)]
    _assert_same(alice, orders, dice)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_order_leads_to_the_same_state(bought, alice, dice) -> None:
    _assert_same(alice, list(itertools.permutations(bought)), dice)


def _assert_same(user: User, orders: Iterable[Sequence[dict[str, Any]]], dice: random.Random) -> None:
    """Hear each order once, and once with every event doubled under another id, somewhere after."""
    before = hash_of(user)
    reached = Counter()
    for order in orders:
        for told in (order, _doubled(order, dice)):
            with _undone():
                _hear(user, told)
                state, short = state_of(user), hash_of(user)
                assert [row[:3] for row in state["plans"] if row[-1] == "True"] == [["starter", "1", "paid"]]
                assert [row[-2] for row in state["payments"]] == ["150"], order
                reached[short] += 1
            assert hash_of(user) == before
    print(f"{reached.total()} orders, {len(reached)} states")
    assert len(reached) == 1


def _hear(user: User, told: Sequence[dict[str, Any]]) -> None:
    """Take in what is told, one after the other, knowing nothing of the customer; then try again what waits."""
    Customer.objects.filter(subscriber=user).delete()
    StripeTicket.objects.all().delete()
    for event in told:
        inbox.receive(event)
        events.apply(event["id"])
    for _ in events.BACK_OFF:
        WebhookEvent.objects.waiting().update(next_attempt_at=now())
        events.apply_due()
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"applied"}


def _doubled(order: Sequence[dict[str, Any]], dice: random.Random) -> list[dict[str, Any]]:
    told = list(order)
    for event in order:
        again = {**event, "id": f"evt_again_{uuid4().hex}"}
        told.insert(dice.randrange(told.index(event) + 1, len(told) + 1), again)
    return told


@contextmanager
def _undone() -> Iterator[None]:
    """Take back whatever is written within; Stripe may be called there as in the test itself."""
    block = transaction.Atomic(using=None, savepoint=True, durable=False)
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)
