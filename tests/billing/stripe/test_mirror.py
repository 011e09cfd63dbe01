"""Bringing Stripe's objects in: together with their meaning, never an older look over a newer one."""

import socket
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from djstripe.models import Customer, Product

from billing.models import StripeTicket
from billing.stripe import kinds, mirror
from tests.billing.state import hash_of
from tests.billing.stripe_stand_in import StandIn


@pytest.fixture
def stripe(monkeypatch) -> StandIn:
    """Stripe, in which nothing is yet."""
    stand_in = StandIn()
    monkeypatch.setattr(mirror, "gateway", stand_in)
    return stand_in


@pytest.fixture
def told(monkeypatch) -> Iterator[list[dict[str, Any]]]:
    """What objects are told to mean, and no meaning but this."""
    heard: list[dict[str, Any]] = []
    monkeypatch.setattr(mirror, "_meanings", defaultdict(list))
    mirror.meaning("product", lambda *, data, at: heard.append(data))
    return heard


class TestMeaning:
    def test_an_object_is_kept_and_told(self, db, stripe, told):
        stripe.put("prod_1", "product", name="Pro", active=True)
        assert mirror.refresh("prod_1") is True
        assert Product.objects.get(id="prod_1").name == "Pro"
        assert [data["name"] for data in told] == ["Pro"]

    def test_one_that_is_gone_is_told_as_such(self, db, stripe, told):
        stripe.put("prod_1", "product", name="Pro", active=True)
        mirror.refresh("prod_1")
        del stripe.objects["prod_1"]
        mirror.refresh("prod_1")
        assert told[-1] == {"id": "prod_1", "object": "product", "deleted": True}
        assert Product.objects.get(id="prod_1").active is False

    def test_meanings_are_told_in_their_order_and_once(self, db, stripe, told):
        heard = []
        first, second = (lambda *, data, at, n=n: heard.append(n) for n in (1, 2))
        for handler in (first, second, first):
            mirror.meaning("customer", handler)
        stripe.put("cus_1", "customer")
        mirror.refresh("cus_1")
        assert heard == [1, 2]

    def test_a_kind_that_is_not_followed_cannot_be_given_a_meaning(self, told):
        with pytest.raises(ValueError, match="subscriptions"):
            mirror.meaning("subscriptions", lambda *, data, at: None)

    @pytest.mark.parametrize("object_id", ["pi_1", "", "evt_1", "upcoming_in_1"])
    def test_an_object_that_is_not_followed_is_not_asked_for(self, db, stripe, object_id):
        with pytest.raises(ValueError, match="followed"):
            mirror.refresh(object_id)
        assert stripe.asked == []

    def test_a_meaning_that_fails_leaves_nothing(self, transactional_db, stripe, told):
        def fail(*, data, at):
            assert Product.objects.filter(id="prod_1").exists()
            raise ZeroDivisionError

        mirror.meaning("product", fail)
        stripe.put("prod_1", "product", name="Pro", active=True)
        with pytest.raises(ZeroDivisionError):
            mirror.refresh("prod_1")
        assert not Product.objects.exists()
        assert not StripeTicket.objects.exists()


class TestNeeds:
    @pytest.fixture(autouse=True)
    def _prices_need_products(self, stripe, told):
        def needing(*, data, at):
            if not Product.objects.filter(id=data["product"]).exists():
                raise mirror.Needs(data["product"])

        mirror.meaning("invoice", needing)
        stripe.put("in_1", "invoice", product="prod_1", customer="cus_1")
        stripe.put("cus_1", "customer")

    def test_what_is_needed_is_brought_first(self, db, stripe):
        stripe.put("prod_1", "product", name="Pro", active=True)
        assert mirror.refresh("in_1") is True
        assert stripe.asked == ["in_1", "cus_1", "prod_1"]
        assert StripeTicket.objects.count() == 3

    def test_whose_it_is_is_looked_at_before(self, db, stripe, monkeypatch):
        """Nobody's customer, or one that is gone, is looked at once."""
        heard = []
        mirror.meaning(
            "charge", lambda *, data, at: heard.append(Customer.objects.filter(id="cus_9").exists())
        )
        stripe.put("ch_1", "charge", customer="cus_9")
        mirror.refresh("ch_1")
        stripe.put("cus_2", "customer")
        stripe.put("ch_2", "charge", customer={"id": "cus_2", "object": "customer"})
        mirror.refresh("ch_2")
        mirror.refresh("ch_2")
        assert stripe.asked == ["ch_1", "cus_9", "ch_2", "cus_2", "ch_2"]
        assert heard == [False, False, False]

    def test_a_need_that_stays_ends_in_an_error(self, db, stripe, monkeypatch):
        monkeypatch.setattr(mirror.copies, "keep", lambda data: None)
        stripe.put("prod_1", "product", name="Pro", active=True)
        with pytest.raises(mirror.Unmet, match=r"in_1 needs prod_1"):
            mirror.refresh("in_1")
        assert stripe.asked == ["in_1", "cus_1", "prod_1"]

    def test_objects_that_need_each_other_end_in_an_error(self, db, stripe):
        def circle(*, data, at):
            raise mirror.Needs({"prod_1": "price_1", "price_1": "prod_1"}[data["id"]])

        mirror.meaning("product", circle)
        mirror.meaning("price", circle)
        with pytest.raises(mirror.Unmet):
            mirror.refresh("prod_1")
        assert stripe.asked == ["prod_1", "price_1"]


class TestTickets:
    """B05."""

    def test_an_older_look_that_comes_home_later_is_passed_over(self, transactional_db, stripe, told):
        assert _race(stripe) == "new"
        assert [data["name"] for data in told] == ["new"]

    def test_without_tickets_the_older_look_would_win(self, transactional_db, stripe, told, monkeypatch):
        """The positive control."""
        monkeypatch.setattr(mirror, "_is_late", lambda object_id, ticket: False)
        assert _race(stripe) == "old"

    def test_a_failed_look_does_not_stand_in_the_way_of_an_older_one(
        self, transactional_db, stripe, told, monkeypatch
    ):
        stripe.put("prod_1", "product", name="here", active=True)
        late = mirror.draw()
        monkeypatch.setattr(mirror.copies, "keep", _failing_once(mirror.copies.keep))
        with pytest.raises(ZeroDivisionError):
            mirror.refresh("prod_1")
        applied = mirror._apply(
            "product", "prod_1", data=stripe.objects["prod_1"], at=mirror.now(), ticket=late
        )
        assert applied is True

    def test_looks_at_one_object_are_applied_one_after_the_other(self, transactional_db, stripe, told):
        stripe.put("prod_1", "product", name="Pro", active=True)
        inside, most = [], []

        def alone(*, data, at):
            inside.append(1)
            most.append(len(inside))
            threading.Event().wait(0.02)
            inside.pop()

        mirror.meaning("product", alone)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(_in_thread, ["prod_1"] * 8))
        assert set(most) == {1}


class TestAnswersToChanges:
    """What Stripe answers to a change of ours is kept unless a later look knows more."""

    def test_an_answer_is_kept_and_told(self, db, stripe, told):
        answer = stripe.put("prod_1", "product", name="Pro", active=True)
        assert mirror.take(answer, drawn=mirror.draw()) is True
        assert Product.objects.get().name == "Pro"
        assert [data["name"] for data in told] == ["Pro"]
        assert stripe.asked == []

    def test_an_answer_that_comes_after_a_later_look_changes_nothing(self, db, stripe, told):
        drawn = mirror.draw()
        answer = dict(stripe.put("prod_1", "product", name="old", active=True))
        stripe.put("prod_1", "product", name="new", active=True)
        mirror.refresh("prod_1")
        assert mirror.take(answer, drawn=drawn) is False
        assert Product.objects.get().name == "new"
        assert [data["name"] for data in told] == ["new"]

    def test_a_look_that_began_before_the_change_does_not_undo_it(self, db, stripe, told):
        early = mirror.draw()
        before = dict(stripe.put("prod_1", "product", name="old", active=True))
        after = stripe.put("prod_1", "product", name="new", active=True)
        assert mirror.take(after, drawn=mirror.draw()) is True
        assert mirror._apply("product", "prod_1", data=before, at=mirror.now(), ticket=early) is False
        assert Product.objects.get().name == "new"


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", kinds._PREFIXES)
def test_every_kind_can_be_gone(stripe, alice, prefix):
    """As after a change of accounts, or with a sandbox begun anew: with all of its real meanings."""
    before = hash_of(alice)
    assert mirror.refresh(f"{prefix}gone") is True
    assert hash_of(alice) == before


class TestNoCallWithinATransaction:
    def test_no_connection_is_opened_while_a_transaction_is(
        self, transactional_db, stripe, told, monkeypatch
    ):
        """Everything that relates to other objects is brought in without asking for them."""
        connect = socket.socket.connect

        def guarded(self, address):
            assert not connection.in_atomic_block, f"{address} asked within a transaction"
            return connect(self, address)

        monkeypatch.setattr(socket.socket, "connect", guarded)
        monkeypatch.setattr("stripe.api_base", "http://127.0.0.1:1")
        item = {
            "id": "si_1", "object": "subscription_item", "current_period_start": 1, "current_period_end": 2,
            "price": {"id": "price_1", "object": "price", "product": "prod_1", "active": True},
        }  # fmt: skip
        stripe.put("sub_1", "subscription", customer="cus_1", status="active", items={"data": [item]})
        stripe.put("in_1", "invoice", customer="cus_1", lines={"data": [], "has_more": True, "url": "/v1/x"})
        stripe.put("ch_1", "charge", customer="cus_1", payment_intent="pi_1", balance_transaction="txn_1")
        stripe.put("re_1", "refund", charge="ch_1", balance_transaction="txn_2")
        stripe.put("dp_1", "dispute", charge="ch_1", payment_intent="pi_1")
        stripe.put("pm_1", "payment_method", customer="cus_1", type="card")
        stripe.put("price_2", "price", product="prod_2", active=True)
        stripe.put("prod_2", "product", name="Pro", default_price="price_2", active=True)
        stripe.put("cus_1", "customer", invoice_settings={"default_payment_method": "pm_1"}, discount=None)
        for object_id in list(stripe.objects):
            assert mirror.refresh(object_id) is True


def _race(stripe: StandIn) -> str:
    """Have a look begin, the object change, a second look be applied, and only then the first come home."""
    stripe.put("prod_1", "product", name="old", active=True)
    asked, applied = threading.Event(), threading.Event()

    def before(object_id):
        if not asked.is_set():
            asked.set()
            assert applied.wait(10)

    stripe.before = before
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(_in_thread, "prod_1")
        assert asked.wait(10)
        stripe.put("prod_1", "product", name="new", active=True)
        assert mirror.refresh("prod_1") is True
        applied.set()
        first.result()
    return Product.objects.get(id="prod_1").name


def _in_thread(object_id: str) -> bool:
    try:
        return mirror.refresh(object_id)
    finally:
        connection.close()


def _failing_once(keep):
    failures = [ZeroDivisionError()]

    def kept(data):
        if failures:
            raise failures.pop()
        return keep(data)

    return kept
