"""Stripe's events under trouble: at once, twice, late, lost, failing, and while a secret is replaced."""

import json
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from djstripe.models import Product
from kombu.exceptions import OperationalError

from accounts.models import User
from billing.models import Payment, Price, Reversal, StripeSubscription, StripeTicket, WebhookEvent
from billing.reconciling import reconcile
from billing.services import checkout
from billing.stripe import mirror
from billing.stripe.kinds import kind_of
from billing.tasks import apply_events
from billing.webhooks import events, inbox
from config.common.clock import now
from tests.billing.shop import Shop
from tests.billing.state import hash_of
from tests.faults.runs import assert_ledger_whole
from tests.support.people import open_account
from tests.support.stripe_events import deliver, event, open_endpoint, signature


@pytest.fixture
def shop(transactional_db, at_stripe) -> Shop:
    """The studio at the sandbox, where nothing is delivered by itself."""
    return Shop(at_stripe)


@pytest.fixture
def silent(monkeypatch) -> None:
    """No worker is rung for: the test is the worker."""
    monkeypatch.setattr("billing.ringing._ring", lambda *_: None)


def bought(shop: Shop, user: User, plan: str = "starter") -> list[dict[str, Any]]:
    """Buy a plan at Stripe and return what there is to tell of it, the oldest first."""
    checkout.start(user=user, plan=plan, interval="month", key=uuid4().hex)
    shop.pay(user)
    return [told for told in shop.events(user) if kind_of(told["data"]["object"].get("id") or "")]


def of_type(told: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """Return the event of a type."""
    [found] = [each for each in told if each["type"] == kind]
    return found


def apply_all() -> None:
    """Apply what waits until nothing does, as the clock does in some minutes."""
    for _ in range(len(events.BACK_OFF) + 1):
        WebhookEvent.objects.waiting().filter(is_at_work=False).update(next_attempt_at=now())
        events.apply_due()
    assert set(WebhookEvent.objects.values_list("state", flat=True)) <= {"applied", "ignored"}


def in_threads(work: Callable[[Any], Any], over: Any, *, threads: int) -> list[Any]:
    """Do it for each at once, every thread with a connection of its own."""

    def alone(item: Any) -> Any:
        try:
            return work(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(alone, over))


class TestDuplicates:
    def test_an_event_delivered_twenty_times_at_once_has_one_effect(self, shop, alice, silent) -> None:
        """B01."""
        endpoint, told = open_endpoint(), bought(shop, alice)
        paid = of_type(told, "invoice.paid")
        answers = in_threads(lambda _: deliver(paid, endpoint=endpoint), range(20), threads=20)
        assert answers == [200] * 20
        assert WebhookEvent.objects.count() == 1
        assert sum(in_threads(lambda _: events.apply(paid["id"]), range(8), threads=8)) == 1
        assert Payment.objects.get().credits == 150
        assert alice.wallet.lots.filter(granted=150).count() == 1
        assert_ledger_whole()

    def test_two_events_about_one_invoice_grant_once(self, shop, alice, silent) -> None:
        """B02."""
        paid = of_type(bought(shop, alice), "invoice.paid")
        for identity in ("evt_a", "evt_b"):
            inbox.receive({**paid, "id": identity})
        assert sorted(in_threads(events.apply, ["evt_a", "evt_b"], threads=2)) == [True, True]
        assert events.replay(WebhookEvent.objects.all()) == 2
        apply_all()
        assert Payment.objects.get().credits == 150
        assert alice.wallet.lots.filter(granted=150).count() == 1
        assert_ledger_whole()

    def test_one_from_the_other_mode_has_no_effect(self, shop, alice, silent) -> None:
        """B02."""
        paid = of_type(bought(shop, alice), "invoice.paid")
        live = open_endpoint(livemode=True)
        assert deliver({**paid, "livemode": True}, endpoint=live) == 200
        apply_all()
        assert not Payment.objects.exists()


class TestLateAnswers:
    """B05."""

    def test_an_answer_that_comes_late_overwrites_nothing(self, shop, silent) -> None:
        stale, passed_over = _trials(shop, 10)
        assert stale == 0
        assert passed_over >= 5

    def test_without_tickets_it_would(self, shop, silent, monkeypatch) -> None:
        """The positive control."""
        monkeypatch.setattr(mirror, "_is_late", lambda object_id, ticket: False)
        assert _trials(shop, 10)[0] >= 5

    @pytest.mark.slow
    @pytest.mark.timeout(600)
    def test_of_two_hundred_none_does(self, shop, silent) -> None:
        stale, passed_over = _trials(shop, 200)
        assert stale == 0
        assert passed_over >= 100


def _trials(shop: Shop, number: int) -> tuple[int, int]:
    """Let a look begin, the object change, and a second look end first; return how many ended stale, and how
    many late answers were passed over.
    """
    made = [shop.client.v1.products.create({"name": "old"}).id for _ in range(number)]
    shop.sandbox.dials(first_get_latency=0.5)

    def trial(object_id: str) -> bool:
        for kind in ("created", "updated"):
            inbox.receive(event(object_id, identity=f"{kind}_{object_id}", kind=f"product.{kind}"))
        with ThreadPoolExecutor(1) as other:
            first = other.submit(_applied, f"created_{object_id}")
            time.sleep(0.2)
            shop.client.v1.products.update(object_id, {"name": "new"})
            assert events.apply(f"updated_{object_id}")
            newest = StripeTicket.objects.get(object_id=object_id).ticket
            assert first.result()
        return StripeTicket.objects.get(object_id=object_id).ticket == newest

    passed_over = sum(in_threads(trial, made, threads=5))
    stale = Product.objects.filter(id__in=made).exclude(name="new").count()
    print(f"{number} trials: {passed_over} late answers passed over, {stale} stale in the end")
    return stale, passed_over


def _applied(event_id: str) -> bool:
    try:
        return events.apply(event_id)
    finally:
        connection.close()


class TestLostEvents:
    def test_one_comparison_finds_them(self, shop, silent, dice) -> None:
        """B06."""
        _lose(shop, dice, users=2, products=40)

    @pytest.mark.slow
    @pytest.mark.timeout(900)
    def test_one_comparison_finds_a_hundred_of_a_thousand(self, shop, silent, dice) -> None:
        """B06."""
        _lose(shop, dice, users=20, products=800)


def _lose(shop: Shop, dice: random.Random, *, users: int, products: int) -> None:
    """Drop a tenth of what is told, compare once, and look whether anything is missing."""
    endpoint = open_endpoint()
    people = [open_account(f"reader{n}") for n in range(users)]
    told = [each for user in people for each in bought(shop, user)]
    made = [shop.client.v1.products.create({"name": f"p{n}"}).id for n in range(products)]
    told += [event(pk, kind="product.created") for pk in made]
    lost = {each["id"] for each in dice.sample(told, len(told) // 10)}
    for each in told:
        if each["id"] not in lost:
            assert deliver(each, endpoint=endpoint) == 200
    while events.apply_due():
        pass
    run = reconcile.compare_events()
    assert run is not None
    assert (run.state, run.error) == ("done", "")
    apply_all()
    assert Product.objects.filter(id__in=made).count() == products
    assert Payment.objects.count() == users
    print(f"{len(told)} events, {len(lost)} lost, {run.compared} compared")
    assert_ledger_whole()


class TestFailures:
    def test_a_failure_in_any_meaning_leaves_nothing(self, shop, alice, silent, monkeypatch) -> None:
        """B07."""
        heard = {told["id"] for told in _told_by_stripe(shop)}
        tried: set[tuple[str, int]] = set()
        effective: set[str] = set()
        for happens in (_buy_a_plan, _plan_a_change, _buy_credits, _refund_some, _dispute_the_rest, _leave):
            happens(shop, alice)
            for told in _told_by_stripe(shop):
                if told["id"] not in heard:
                    heard.add(told["id"])
                    _fail_everywhere(told, alice, monkeypatch, tried, effective)
        meant = {(kind, place) for kind, known in mirror._meanings.items() for place in range(len(known))}
        print(f"failed in {sorted(tried)}; of effect were {sorted(effective)}")
        assert tried == meant
        assert len(meant) >= 9
        assert effective == {kind for kind, _ in meant}
        assert Reversal.objects.filter(kind="dispute", status="lost").exists()
        assert_ledger_whole()

    def test_a_broker_that_is_away_keeps_nobody_waiting(self, shop, alice, monkeypatch) -> None:
        """I19."""

        def away(*args: Any, **kwargs: Any) -> None:
            raise OperationalError("The broker is away.")

        monkeypatch.setattr(apply_events, "apply_async", away)
        endpoint = open_endpoint()
        for told in bought(shop, alice):
            assert deliver(told, endpoint=endpoint) == 200
        assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"waiting"}
        apply_events()
        assert Payment.objects.get().credits == 150


class Planted(Exception):
    """A failure that a test wants."""


@contextmanager
def _failing(monkeypatch: pytest.MonkeyPatch, kind: str, place: int) -> Iterator[None]:
    """Have one meaning fail after it did all it does."""
    handlers = list(mirror._meanings[kind])
    real = handlers[place]

    def fail(**told: Any) -> None:
        real(**told)
        raise Planted

    handlers[place] = fail
    with monkeypatch.context() as patched:
        patched.setitem(mirror._meanings, kind, handlers)
        yield


def _fail_everywhere(
    told: dict[str, Any],
    user: User,
    monkeypatch: pytest.MonkeyPatch,
    tried: set[tuple[str, int]],
    effective: set[str],
) -> None:
    """Have each meaning of an event's object fail, then let it be; note which were tried and had an effect."""
    kind = kind_of(told["data"]["object"]["id"])
    assert kind is not None
    inbox.receive(told)
    for place in range(len(mirror._meanings[kind])):
        with _failing(monkeypatch, kind, place):
            assert events.apply(told["id"]) is False  # what it needs first is there now, and stays
            WebhookEvent.objects.filter(pk=told["id"]).update(next_attempt_at=now(), attempts=0)
            before = _everything(user)
            assert events.apply(told["id"]) is False
        assert _everything(user) == before
        assert "Planted" in WebhookEvent.objects.get(pk=told["id"]).error
        WebhookEvent.objects.filter(pk=told["id"]).update(next_attempt_at=now(), attempts=0)
        tried.add((kind, place))
    before = hash_of(user), _rows_of("billing_reversal"), _rows_of("billing_payment")
    assert events.apply(told["id"]) is True
    if (hash_of(user), _rows_of("billing_reversal"), _rows_of("billing_payment")) != before:
        effective.add(kind)


def _told_by_stripe(shop: Shop) -> list[dict[str, Any]]:
    """Return whatever there is to tell of what is followed here, the oldest first.

    What others bring in where they need it comes before those, so that it is itself what has the effect.
    """
    told = [*shop.client.v1.events.list({"limit": 100}).auto_paging_iter()][::-1]
    found = [json.loads(str(each)) for each in told]
    followed = [each for each in found if kind_of(each["data"]["object"].get("id") or "")]
    needed = ("customer", "refund", "charge.dispute", "subscription_schedule")
    return sorted(followed, key=lambda each: kind_of(each["data"]["object"]["id"]) not in needed)


def _buy_a_plan(shop: Shop, user: User) -> None:
    checkout.start(user=user, plan="pro", interval="month", key=uuid4().hex)
    shop.pay(user)


def _plan_a_change(shop: Shop, user: User) -> None:
    """Of which the studio knows only what Stripe tells."""
    subscription = StripeSubscription.objects.get(user=user)
    lesser = Price.objects.get(terms__plan__code="starter", terms__is_current=True, interval="month")
    schedules = shop.client.v1.subscription_schedules
    made = schedules.create({"from_subscription": subscription.pk})
    present = {
        "items": [{"price": subscription.price.stripe_id, "quantity": 1}],
        "start_date": made.phases[0].start_date,
        "end_date": int(subscription.period_end.timestamp()),
    }
    lesser_phase = {
        "items": [{"price": lesser.stripe_id, "quantity": 1}],
        "duration": {"interval": "month", "interval_count": 1},
    }
    schedules.update(made.id, {"end_behavior": "release", "phases": [present, lesser_phase]})


def _buy_credits(shop: Shop, user: User) -> None:
    checkout.buy(user=user, product="credits-100", key=uuid4().hex)
    shop.pay(user)


def _refund_some(shop: Shop, user: User) -> None:
    plan = Payment.objects.get(user=user, product=None)
    shop.client.v1.refunds.create({"payment_intent": plan.payment_intent_id, "amount": 500})


def _dispute_the_rest(shop: Shop, user: User) -> None:
    """One that is lost at once: both of its states are told of."""
    intent = Payment.objects.exclude(product=None).get(user=user).payment_intent_id
    charge = shop.client.v1.payment_intents.retrieve(intent).latest_charge
    opened = shop.sandbox.act("open_dispute", charge=charge)
    shop.sandbox.act("close_dispute", dispute=opened["id"], won=False)


def _leave(shop: Shop, user: User) -> None:
    """Delete the customer at Stripe: all that a customer means is their end."""
    shop.client.v1.customers.delete(StripeSubscription.objects.get(user=user).customer_id)


def _everything(user: User) -> tuple[Any, ...]:
    """Return what a meaning could have changed."""
    copied = ("customer", "subscription", "invoice", "charge", "refund", "dispute", "paymentmethod")
    ours = ("billing_reversal", "billing_payment", "billing_stripesubscription", "billing_stripeticket")
    others = ("accounts_auditentry", "credits_entry")
    tables = (*(f"djstripe_{name}" for name in copied), *ours, *others)
    return (hash_of(user), *map(_rows_of, tables))


def _rows_of(table: str) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), coalesce(sum(hashtext(t::text)), 0) FROM {table} t")  # noqa: S608  a name of this file
        return cursor.fetchone()


class TestRotation:
    def test_nothing_is_lost_while_a_secret_is_replaced(self, db, silent) -> None:
        """B19: Stripe signs with both until the old one ends; the studio learns the new one in between."""
        old, new = "whsec_old", "whsec_new"
        endpoint = open_endpoint(secret=old)
        answers = []
        for n in range(200):
            if n == 120:
                endpoint.secret = new
                endpoint.save()
            body = json.dumps(event(identity=f"evt_{n}"))
            signing = [old] if n < 60 else [old, new] if n < 160 else [new]
            answers.append(deliver(body, endpoint=endpoint, signed=signature(body, *signing)))
        assert answers == [200] * 200
        assert WebhookEvent.objects.count() == 200
        gone = json.dumps(event())
        assert deliver(gone, endpoint=endpoint, signed=signature(gone, old)) == 400
