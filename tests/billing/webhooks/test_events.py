"""What becomes of events: applied once, tried again, given up, replayed, forgotten."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection
from djstripe.models import Product

from accounts.models import Notification
from billing.models import WebhookEvent
from billing.stripe import mirror
from billing.stripe.errors import StripeUnavailable
from billing.tasks import apply_events
from billing.webhooks import events, inbox
from config.common.clock import now
from tests.billing.stripe_stand_in import StandIn
from tests.support.stripe_events import event


@pytest.fixture(autouse=True)
def _silent(monkeypatch):
    monkeypatch.setattr("billing.ringing._ring", lambda *_: None)


@pytest.fixture
def stripe(monkeypatch) -> StandIn:
    """Stripe with one product, and no meaning but its copy."""
    stand_in = StandIn()
    stand_in.put("prod_1", "product", name="Pro", active=True)
    monkeypatch.setattr(mirror, "gateway", stand_in)
    monkeypatch.setattr(mirror, "_meanings", defaultdict(list))
    return stand_in


def given(identity="evt_1", object_id="prod_1", **fields) -> WebhookEvent:
    inbox.receive(event(object_id, identity=identity, kind="product.updated"))
    WebhookEvent.objects.filter(pk=identity).update(**fields)
    return WebhookEvent.objects.get(pk=identity)


def failing(monkeypatch, error=None):
    def fail(*, data, at):
        raise error or ZeroDivisionError("in the meaning")

    monkeypatch.setattr(mirror, "_meanings", defaultdict(list, product=[fail]))


class TestApply:
    def test_an_event_brings_its_object_in(self, db, stripe):
        given()
        assert events.apply("evt_1") is True
        kept = WebhookEvent.objects.get()
        assert (kept.state, kept.attempts, kept.is_at_work, kept.error) == ("applied", 1, False, "")
        assert kept.applied_at is not None
        assert Product.objects.get(id="prod_1").name == "Pro"

    def test_an_applied_event_is_not_applied_again(self, db, stripe):
        given()
        assert [events.apply("evt_1"), events.apply("evt_1")] == [True, False]
        assert stripe.asked == ["prod_1"]

    def test_an_unknown_event_is_not_applied(self, db, stripe):
        assert events.apply("evt_none") is False

    def test_what_is_due_is_applied_the_oldest_first(self, db, stripe):
        for n in range(3):
            stripe.put(f"prod_{n}", "product", name=str(n), active=True)
            given(f"evt_{n}", f"prod_{n}", next_attempt_at=now() - timedelta(seconds=n))
        given("evt_later", next_attempt_at=now() + timedelta(seconds=5))
        apply_events()
        assert stripe.asked == ["prod_2", "prod_1", "prod_0"]
        assert WebhookEvent.objects.waiting().get().pk == "evt_later"

    def test_a_failing_event_does_not_hold_up_the_next(self, db, stripe, monkeypatch):
        given("evt_1", "in_gone", next_attempt_at=now() - timedelta(minutes=1))
        given("evt_2")

        def fail(*, data, at):
            raise ZeroDivisionError

        monkeypatch.setattr(mirror, "_meanings", defaultdict(list, invoice=[fail]))
        assert events.apply_due() == 1
        assert dict(WebhookEvent.objects.values_list("pk", "state")) == {
            "evt_1": "waiting",
            "evt_2": "applied",
        }

    def test_a_spell_ends(self, db, stripe):
        given()
        assert events.apply_due(seconds=0) == 0
        assert stripe.asked == []

    def test_of_many_workers_one_applies_it(self, transactional_db, stripe):
        given()
        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(_apply, ["evt_1"] * 8))
        assert sorted(done) == [False] * 7 + [True]
        assert stripe.asked == ["prod_1"]

    def test_a_slow_stripe_keeps_no_more_than_two_workers(self, transactional_db, stripe):
        for n in range(6):
            given(f"evt_{n}")
        inside, most, go_on = [], [], Event()

        def before(object_id):
            inside.append(object_id)
            most.append(len(inside))
            go_on.wait(0.3)
            inside.pop()

        stripe.before = before
        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(_apply_due, range(6))) == 6
        assert max(most) == events.AT_ONCE

    def test_a_lost_workers_event_is_taken_up_after_its_lease(self, db, stripe, time_machine_at):
        given()
        assert events._claim("evt_1") is not None
        assert events.apply_due() == 0
        time_machine_at(events.LEASE + timedelta(seconds=1))
        assert events.apply_due() == 1
        assert WebhookEvent.objects.get().attempts == 2

    def test_who_comes_home_after_its_lease_changes_nothing_of_the_event(self, db, stripe, time_machine_at):
        given()
        late = events._claim("evt_1")
        time_machine_at(events.LEASE + timedelta(seconds=1))
        assert events._claim("evt_1") is not None
        events._put_off(late, ZeroDivisionError())
        kept = WebhookEvent.objects.get()
        assert (kept.attempts, kept.is_at_work, kept.error) == (2, True, "")


class TestFailure:
    def test_everything_is_undone_and_the_traceback_kept(self, transactional_db, stripe, monkeypatch):
        """B07."""
        failing(monkeypatch)
        given()
        before = now()
        assert events.apply("evt_1") is False
        kept = WebhookEvent.objects.get()
        assert (kept.state, kept.attempts, kept.is_at_work) == ("waiting", 1, False)
        assert "ZeroDivisionError: in the meaning" in kept.error
        assert "Traceback" in kept.error
        wait = kept.next_attempt_at - before
        assert events.BACK_OFF[0] <= wait < events.BACK_OFF[0] + timedelta(seconds=5)
        assert not Product.objects.exists()

    def test_it_succeeds_once_the_fault_is_gone(self, db, stripe, monkeypatch, time_machine_at):
        failing(monkeypatch)
        given()
        events.apply("evt_1")
        monkeypatch.setattr(mirror, "_meanings", defaultdict(list))
        assert events.apply("evt_1") is False  # not yet
        time_machine_at(events.BACK_OFF[0] + timedelta(seconds=1))
        assert events.apply("evt_1") is True
        kept = WebhookEvent.objects.get()
        assert (kept.state, kept.attempts, kept.error) == ("applied", 2, "")

    def test_after_six_attempts_it_is_given_up_and_operators_are_told(
        self, db, stripe, monkeypatch, time_machine_at, olga, alice
    ):
        failing(monkeypatch)
        given()
        at = timedelta()
        for wait in (*events.BACK_OFF, timedelta()):
            assert events.apply("evt_1") is False
            at += wait + timedelta(seconds=1)
            time_machine_at(at)
        kept = WebhookEvent.objects.get()
        assert (kept.state, kept.attempts, kept.next_attempt_at) == ("failed", 6, None)
        assert "ZeroDivisionError" in kept.error
        notice = Notification.objects.get(kind="studio_needs_you")
        assert notice.user == olga
        assert notice.url == "/admin/billing/webhookevent/evt_5F1/change/"
        assert at < timedelta(minutes=15)
        assert events.apply_due() == 0

    def test_a_stripe_that_is_away_is_no_fault_of_the_events(
        self, db, stripe, monkeypatch, time_machine_at, olga
    ):
        failing(monkeypatch, StripeUnavailable())
        given()
        for hours in range(24):
            time_machine_at(timedelta(hours=hours))
            assert events.apply("evt_1") is False
            kept = WebhookEvent.objects.get()
            assert (kept.state, kept.is_at_work) == ("waiting", False)
        assert kept.attempts == len(events.BACK_OFF)
        assert not Notification.objects.filter(kind="studio_needs_you").exists()
        time_machine_at(timedelta(hours=24, minutes=1))
        events.apply("evt_1")
        assert WebhookEvent.objects.get().state == "failed"
        assert Notification.objects.get(kind="studio_needs_you").user == olga

    def test_one_whose_workers_are_lost_each_time_is_given_up(
        self, db, stripe, monkeypatch, time_machine_at, olga
    ):
        """It would take a place at work for ever: two of them, and nothing is applied any more."""
        given()
        lives = len(events.BACK_OFF) + 1
        for life in range(lives):
            time_machine_at((events.LEASE + timedelta(seconds=1)) * life)
            assert events._claim() is not None  # and never heard of again
        time_machine_at((events.LEASE + timedelta(seconds=1)) * lives)
        assert events.apply_due() == 0
        kept = WebhookEvent.objects.get()
        assert (kept.state, kept.is_at_work) == ("failed", False)
        assert "WorkersLost: Of 6 attempts" in kept.error
        assert stripe.asked == []
        assert Notification.objects.filter(kind="studio_needs_you").count() == 1

    def test_what_the_database_cannot_hold_stands_in_no_ones_way(self, db, stripe, monkeypatch, caplog):
        caplog.set_level("CRITICAL", logger=events.logger.name)  # nor could a report of this test hold it
        failing(monkeypatch, ValueError("NUL \0, half a character \ud800"))
        given()
        given("evt_2")
        assert events.apply_due() == 0
        assert {(kept.state, "NUL \ufffd" in kept.error) for kept in WebhookEvent.objects.all()} == {
            ("waiting", True)
        }


class TestReplay:
    def test_what_was_applied_is_applied_once_more(self, db, stripe):
        given()
        events.apply("evt_1")
        stripe.put("prod_1", "product", name="Another", active=True)
        assert events.replay(WebhookEvent.objects.all()) == 1
        assert events.apply("evt_1") is True
        assert Product.objects.get(id="prod_1").name == "Another"

    def test_what_was_given_up_is_tried_from_the_beginning(self, db, stripe):
        given(state="failed", attempts=6, next_attempt_at=None)
        assert events.replay(WebhookEvent.objects.all()) == 1
        assert events.apply("evt_1") is True
        assert WebhookEvent.objects.get().attempts == 1

    def test_what_means_nothing_or_is_at_work_is_left_alone(self, db, stripe):
        inbox.receive(event("pi_1", identity="evt_ignored", kind="payment_intent.created"))
        given(is_at_work=True)
        assert events.replay(WebhookEvent.objects.all()) == 0


class TestPrune:
    def test_old_events_are_forgotten_unless_they_were_never_applied(self, db, stripe):
        old, young = now() - timedelta(days=30, seconds=1), now() - timedelta(days=29)
        done = {"next_attempt_at": None, "state": "applied", "applied_at": old}
        given("evt_applied", received_at=old, **done)
        given("evt_ignored", received_at=old, next_attempt_at=None, state="ignored")
        given("evt_waiting", received_at=old)
        given("evt_failed", received_at=old, next_attempt_at=None, state="failed")
        given("evt_young", received_at=young, **done)
        assert events.prune() == 2
        left = set(WebhookEvent.objects.values_list("pk", flat=True))
        assert left == {"evt_waiting", "evt_failed", "evt_young"}


@pytest.fixture
def time_machine_at(monkeypatch):
    """Move the clock of the events so far on from now."""
    began = now()

    def move(passed: timedelta) -> None:
        monkeypatch.setattr(events, "now", lambda: began + passed + timedelta(seconds=1))

    return move


def _apply(event_id: str) -> bool:
    try:
        return events.apply(event_id)
    finally:
        connection.close()


def _apply_due(_: int) -> int:
    try:
        return events.apply_due()
    finally:
        connection.close()
