"""Comparing ourselves with Stripe: what was missed is fetched, what differs is repaired and written down."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Notification
from billing.models import (
    Difference,
    Payment,
    Reconciliation,
    Reversal,
    StripeRequest,
    WebhookEvent,
)
from billing.reconciling import missed, reconcile
from billing.services import changes
from billing.stripe import customers, gateway, mirror
from billing.webhooks import events, inbox
from config.common.clock import now
from config.common.errors import Unavailable
from tests.billing.shop import Shop
from tests.billing.state import plan_of
from tests.support.stripe_events import event

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=10)


@pytest.fixture
def shop(at_stripe) -> Shop:
    """The studio at the sandbox, where nothing is delivered."""
    return Shop(at_stripe)


@pytest.fixture
def later(time_machine_travel):
    """Some minutes on: what happens before is on its way no more."""
    return lambda passed=LATER: time_machine_travel(now() + passed)


@pytest.fixture
def time_machine_travel():
    import time_machine

    travellers = []

    def travel(moment):
        traveller = time_machine.travel(moment)
        traveller.start()
        travellers.append(traveller)

    yield travel
    for traveller in reversed(travellers):
        traveller.stop()


def unheard(shop, user, plan="starter"):
    """Buy a plan of which the studio hears nothing."""
    from billing.services import checkout

    checkout.start(user=user, plan=plan, interval="month", key=uuid4().hex)
    return shop.pay(user)


def found(run):
    return [(row.what, row.object_id, row.ours, row.is_repaired) for row in run.differences.order_by("pk")]


class TestEvents:
    def test_what_never_arrived_is_fetched_and_applied(self, shop, alice, later, olga):
        paid = unheard(shop, alice)
        later()
        run = reconcile.compare_events()
        assert (run.state, run.error) == ("done", "")
        assert plan_of(alice) == "starter"
        assert Payment.objects.get().credits == 150
        about = {event.object_id for event in WebhookEvent.objects.filter(state="applied")}
        assert {paid["id"], paid["subscription"], paid["customer"]} <= about
        rows = found(run)
        assert len(rows) == WebhookEvent.objects.count() > 4
        assert {(what, ours, repaired) for what, _, ours, repaired in rows} == {
            ("event", "never arrived", True)
        }
        notice = Notification.objects.get(kind="studio_needs_you", user=olga)
        assert notice.url == f"/admin/billing/reconciliation/{run.pk}/change/"
        assert "All of it was put right." in notice.body

    def test_what_is_just_being_delivered_is_applied_and_no_difference(self, shop, alice, olga):
        unheard(shop, alice)
        run = reconcile.compare_events()
        assert plan_of(alice) == "starter"
        assert found(run) == []
        assert not Notification.objects.filter(kind="studio_needs_you").exists()

    def test_the_next_one_begins_an_hour_before_the_last(self, shop, later):
        first = reconcile.compare_events()
        later(timedelta(hours=2))
        second = reconcile.compare_events()
        assert now() - first.since >= timedelta(days=30)
        assert second.since == first.started_at - reconcile.OVERLAP

    def test_one_that_failed_is_not_begun_after(self, shop, later, monkeypatch):
        first = reconcile.compare_events()
        later(timedelta(hours=2))
        with monkeypatch.context() as patched:
            patched.setattr(gateway, "list_events", _away)
            assert reconcile.compare_events().state == "failed"
        later(timedelta(hours=1))
        assert reconcile.compare_events().since == first.started_at - reconcile.OVERLAP

    def test_given_up_events_are_tried_once_more(self, shop, alice, later):
        unheard(shop, alice)
        [told] = [each for each in shop.events(alice) if each["type"] == "invoice.paid"]
        inbox.receive(told)
        WebhookEvent.objects.update(state="failed", next_attempt_at=None, attempts=6, error="once")
        run = reconcile.compare_events()
        assert WebhookEvent.objects.get(pk=told["id"]).state == "applied"
        assert ("event", told["id"], "given up", True) in found(run)

    def test_one_that_cannot_be_applied_is_told_as_not_repaired(self, shop, alice, later, olga, monkeypatch):
        session = unheard(shop, alice)
        later()

        def fail(*, data, at):
            raise ZeroDivisionError

        monkeypatch.setitem(mirror._meanings, "checkout.session", [fail])
        run = reconcile.compare_events()
        left = run.differences.get(
            is_repaired=False, theirs=f"checkout.session.completed about {session['id']}"
        )
        assert "ZeroDivisionError" in left.error
        notice = Notification.objects.get(kind="studio_needs_you", cause=f"reconciliation:{run.pk}")
        assert "could not be put right" in notice.body

    def test_what_cannot_be_repaired_is_told_once_a_day(self, shop, alice, later, olga, monkeypatch):
        inbox.receive(event("sub_gone", identity="evt_bad"))
        WebhookEvent.objects.update(state="failed", next_attempt_at=None)

        def fail(*, data, at):
            raise ZeroDivisionError

        monkeypatch.setitem(mirror._meanings, "customer.subscription", [fail])
        for _ in range(3):
            run = reconcile.compare_events()
            assert ("event", "evt_bad", "given up", False) in found(run)
            WebhookEvent.objects.filter(pk="evt_bad").update(state="failed", next_attempt_at=None)
        assert Notification.objects.filter(kind="studio_needs_you", user=olga).count() == 1

    def test_what_there_is_no_time_for_waits_in_the_inbox(self, shop, alice, later, monkeypatch):
        unheard(shop, alice)
        later()
        monkeypatch.setattr(missed, "SPELL", 0.0)
        run = reconcile.compare_events()
        assert run.state == "done"
        assert {(row.is_repaired, row.error) for row in run.differences.all()} == {
            (False, "It waits for its turn.")
        }
        while events.apply_due():
            pass
        assert Payment.objects.get().credits == 150

    def test_one_that_cannot_be_read_does_not_keep_others_from_it(self, shop, alice, later, monkeypatch):
        unheard(shop, alice)
        listed = gateway.list_events

        def odd(*, since):
            yield {"id": "evt_odd", "object": "event", "type": "invoice.paid"}
            yield from listed(since=since)

        monkeypatch.setattr(gateway, "list_events", odd)
        later()
        run = reconcile.compare_events()
        assert run.state == "done"
        assert Payment.objects.get().credits == 150
        assert ("event", "evt_odd", "cannot be read", False) in found(run)

    def test_what_meant_nothing_before_a_change_of_keys_is_applied(self, shop, alice, later):
        unheard(shop, alice)
        later()
        for told in gateway.list_events(since=now() - timedelta(days=1)):
            inbox.receive({**told, "livemode": True})
        assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"ignored"}
        reconcile.compare_events()
        assert Payment.objects.get().credits == 150

    def test_a_second_run_finds_nothing(self, shop, alice, later):
        unheard(shop, alice)
        later()
        reconcile.compare_events()
        assert found(reconcile.compare_events()) == []


class TestObjects:
    def test_a_studio_that_agrees_finds_nothing(self, shop, alice, olga, later):
        shop.subscribe(alice, "starter")
        shop.buy(alice, "credits-100")
        later()
        run = reconcile.compare_objects()
        assert (run.state, found(run)) == ("done", [])
        assert run.compared >= 3
        assert not Notification.objects.filter(kind="studio_needs_you").exists()

    def test_a_subscription_and_its_payment_that_were_missed_are_brought_in(self, shop, alice, later):
        paid = unheard(shop, alice)
        later()
        run = reconcile.compare_objects()
        assert plan_of(alice) == "starter"
        assert ("subscription", paid["subscription"], "nothing", True) in found(run)
        assert Payment.objects.get().credits == 150
        assert {what for what, *_ in found(run)} == {"subscription", "invoice"}
        assert found(reconcile.compare_objects()) == []

    def test_a_product_that_was_paid_and_missed_arrives(self, shop, alice, later):
        from billing.services import checkout

        checkout.buy(user=alice, product="credits-100", key="one")
        session = shop.pay(alice)
        later()
        run = reconcile.compare_objects()
        assert found(run) == [("checkout", session["id"], "nothing", True)]
        assert Payment.objects.get().credits == 100

    def test_a_change_that_was_missed_is_followed(self, shop, alice, later):
        row = shop.subscribe(alice, "starter")
        shop.client.v1.subscriptions.update(row.pk, {"cancel_at_period_end": True})
        later()
        run = reconcile.compare_objects()
        [(what, object_id, ours, repaired)] = found(run)
        assert (what, object_id, repaired) == ("subscription", row.pk, True)
        assert "ends" not in ours
        assert "ends" in run.differences.get().theirs
        row.refresh_from_db()
        assert row.cancel_at == row.period_end

    def test_an_end_that_was_missed_is_followed(self, shop, alice, later):
        row = shop.subscribe(alice, "starter")
        shop.client.v1.subscriptions.cancel(row.pk)
        later()
        run = reconcile.compare_objects()
        assert [(row.what, row.theirs.split(",")[0]) for row in run.differences.all()] == [
            ("subscription", "canceled")
        ]
        row.refresh_from_db()
        assert row.status == "canceled"

    def test_a_refund_that_was_missed_is_taken_account_of(self, shop, alice, later):
        shop.subscribe(alice, "starter")
        payment = Payment.objects.get()
        refund = shop.client.v1.refunds.create({"payment_intent": payment.payment_intent_id})
        later()
        run = reconcile.compare_objects()
        assert [("refund", refund.id, "nothing", True)] == found(run)
        assert Reversal.objects.get().amount_cents == payment.amount_cents

    def test_what_is_being_told_is_left_to_its_event(self, shop, alice, later):
        row = shop.subscribe(alice, "starter")
        shop.client.v1.subscriptions.update(row.pk, {"cancel_at_period_end": True})
        [told] = [e for e in shop.events(alice) if e["type"] == "customer.subscription.updated"]
        inbox.receive(told)
        assert found(reconcile.compare_objects()) == []
        row.refresh_from_db()
        assert row.cancel_at is None

    def test_what_cannot_be_repaired_does_not_keep_others_from_it(
        self, shop, alice, bob, later, monkeypatch, olga
    ):
        mine, his = unheard(shop, alice), unheard(shop, bob)
        refresh = mirror.refresh

        def failing(object_id):
            if object_id == mine["subscription"]:
                raise ZeroDivisionError
            return refresh(object_id)

        monkeypatch.setattr(mirror, "refresh", failing)
        later()
        run = reconcile.compare_objects()
        rows = {object_id: repaired for _, object_id, _, repaired in found(run)}
        assert rows[his["subscription"]] is True
        assert rows[mine["subscription"]] is False
        assert "ZeroDivisionError" in run.differences.get(object_id=mine["subscription"]).error
        assert "1 could not be put right" in Notification.objects.get(kind="studio_needs_you").body

    def test_a_request_whose_outcome_was_lost_is_looked_up(self, shop, alice, at_stripe, later):
        row = shop.subscribe(alice, "starter")
        at_stripe.dials(cut=3, cut_path=f"/v1/subscriptions/{row.pk}")
        with pytest.raises(Unavailable):
            changes.cancel(user=alice, key="one")
        at_stripe.dials(cut=0)
        request = StripeRequest.objects.get(state="pending")
        later(timedelta(hours=24))
        run = reconcile.compare_objects()
        assert ("request", str(request.pk), f"{request.operation}, outcome unknown", True) in found(run)
        request.refresh_from_db()
        assert request.state == "done"
        row.refresh_from_db()
        assert row.cancel_at == row.period_end

    def test_a_studio_that_agrees_is_looked_up_page_by_page(self, shop, alice, bob, later, monkeypatch):
        """Stripe is asked for lists only, and the database once for each page of them."""
        for user in (alice, bob):
            shop.subscribe(user, "starter")
            shop.buy(user, "credits-100")
        mine = {customers.customer_for(user) for user in (alice, bob)}
        listed = gateway.list_all

        def ours(kind, **filters):  # not what other tests have left there
            return (shape for shape in listed(kind, **filters) if shape.get("customer") in mine)

        monkeypatch.setattr(gateway, "list_all", ours)
        monkeypatch.setattr(gateway, "fetch", _away)
        later()
        with CaptureQueriesContext(connection) as asked:
            run = reconcile.compare_objects()
        assert (run.state, found(run)) == ("done", [])
        assert run.compared >= 6
        tables = ("billing_payment", "billing_stripesubscription", "djstripe_customer", "billing_reversal")
        lookups = [
            query["sql"] for query in asked if any(f'FROM "{table}"' in query["sql"] for table in tables)
        ]
        assert len(lookups) <= 6, lookups

    def test_one_that_cannot_be_read_does_not_keep_others_from_it(self, shop, alice, bob, later, monkeypatch):
        mine, his = unheard(shop, alice), unheard(shop, bob)
        listed = gateway.list_all

        def odd(kind, **filters):
            for shape in listed(kind, **filters):
                yield {**shape, "items": {"data": []}} if shape["id"] == mine["subscription"] else shape

        monkeypatch.setattr(gateway, "list_all", odd)
        later()
        run = reconcile.compare_objects()
        assert run.state == "done"
        rows = {row.object_id: (row.theirs, row.is_repaired) for row in run.differences.all()}
        assert rows[mine["subscription"]] == ("cannot be read", True)
        assert rows[his["subscription"]][1] is True

    def test_one_that_takes_too_long_ends_as_failed(self, shop, alice, later, monkeypatch, olga):
        unheard(shop, alice)

        def endless(object_id):
            raise SoftTimeLimitExceeded

        monkeypatch.setattr(mirror, "refresh", endless)
        later()
        run = reconcile.compare_objects()
        assert run.state == "failed"
        assert "SoftTimeLimitExceeded" in run.error


class TestCommand:
    def test_it_compares_both_and_says_what_differed(self, shop, alice, later):
        session = unheard(shop, alice)
        reconcile.compare_events()
        Payment.objects.all().delete()
        out = StringIO()
        later()
        call_command("reconcile_stripe", stdout=out)
        lines = out.getvalue().splitlines()
        assert [line.partition(" ")[2] for line in lines if not line.startswith(" ")] == [
            "events compared, 0 differed.",
            "objects compared, 1 differed.",
        ]
        [told] = [line for line in lines if line.startswith(" ")]
        assert told.endswith(": nothing here, paid, 29.00 there; put right")
        assert Payment.objects.get().subscription_id == session["subscription"]

    def test_it_fails_where_stripe_cannot_be_asked(self, monkeypatch):
        monkeypatch.setattr(gateway, "list_events", _away)
        with pytest.raises(CommandError, match=r"Comparing events failed: .*Stripe is away"):
            call_command("reconcile_stripe", stdout=StringIO())

    def test_it_fails_while_another_runs(self, db):
        Reconciliation.objects.create(kind="events", since=now(), started_at=now())
        with pytest.raises(CommandError, match="running already"):
            call_command("reconcile_stripe", stdout=StringIO())


class TestRuns:
    def test_only_one_runs_at_a_time(self, shop):
        Reconciliation.objects.create(kind="events", since=now(), started_at=now())
        assert reconcile.compare_events() is None
        assert Reconciliation.objects.count() == 1

    def test_one_that_was_lost_gives_way(self, shop):
        lost = Reconciliation.objects.create(
            kind="events", since=now() - reconcile.LOST * 2, started_at=now() - reconcile.LOST * 1.01
        )
        assert reconcile.compare_events().state == "done"
        lost.refresh_from_db()
        assert (lost.state, lost.error) == ("failed", "Its worker was lost.")

    def test_a_stripe_that_is_away_fails_it_and_is_told_once_a_day(self, monkeypatch, olga):
        monkeypatch.setattr(gateway, "list_events", _away)
        runs = [reconcile.compare_events() for _ in range(2)]
        assert {run.state for run in runs} == {"failed"}
        assert "Unavailable" in runs[0].error
        assert Notification.objects.filter(kind="studio_needs_you").count() == 1

    def test_runs_that_found_nothing_are_forgotten(self, db):
        old = now() - reconcile.KEPT - timedelta(days=1)
        done = {"state": "done", "since": old, "started_at": old, "finished_at": old}
        empty = Reconciliation.objects.create(kind="events", **done)
        full = Reconciliation.objects.create(kind="events", **done)
        Difference.objects.create(
            reconciliation=full, what="event", object_id="evt_1", ours="", theirs="", is_repaired=True
        )
        assert reconcile.prune() == 1
        assert not Reconciliation.objects.filter(pk=empty.pk).exists()


def _away(**kwargs):
    raise Unavailable("Stripe is away.")
