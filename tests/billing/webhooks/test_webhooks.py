"""Deliveries at the endpoint: what is stored, what is refused, and that nothing else happens."""

import json
import time
import uuid
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from djstripe.models import WebhookEventTrigger

from billing.models import WebhookEvent
from billing.webhooks.receiving import MOST_BYTES
from tests.support.stripe_events import deliver, event, open_endpoint, signature

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint():
    return open_endpoint()


@pytest.fixture
def rings(monkeypatch):
    heard = []
    monkeypatch.setattr("billing.ringing._ring", lambda task: heard.append(task.name))
    return heard


@pytest.fixture(autouse=True)
def _nobody_asks_stripe(monkeypatch):
    monkeypatch.setattr("billing.stripe.mirror.gateway", SimpleNamespace())


def assert_nothing_kept():
    assert not WebhookEvent.objects.exists()
    assert not WebhookEventTrigger.objects.exists()


class TestGenuine:
    def test_an_event_is_stored_and_a_worker_rung_for(
        self, endpoint, rings, django_capture_on_commit_callbacks
    ):
        told = event("sub_1", identity="evt_1", created=1_900_000_000)
        with django_capture_on_commit_callbacks(execute=True):
            assert deliver(told, endpoint=endpoint) == 200
            assert rings == []
        assert rings == ["billing.tasks.apply_events"]
        kept = WebhookEvent.objects.get()
        assert (kept.pk, kept.type, kept.object_id, kept.state, kept.attempts) == (
            "evt_1", "customer.subscription.updated", "sub_1", "waiting", 0,
        )  # fmt: skip
        assert kept.body == told
        assert kept.created.timestamp() == 1_900_000_000
        assert not WebhookEventTrigger.objects.exists()

    def test_the_same_event_again_is_acknowledged_and_stored_once(self, endpoint, rings):
        told = event()
        assert [deliver(told, endpoint=endpoint) for _ in range(3)] == [200] * 3
        assert WebhookEvent.objects.count() == 1

    def test_an_applied_event_delivered_again_stays_applied(self, endpoint, rings):
        told = event()
        deliver(told, endpoint=endpoint)
        WebhookEvent.objects.update(
            state="applied", next_attempt_at=None, applied_at="2026-01-01T00:00Z", attempts=1
        )
        assert deliver(told, endpoint=endpoint) == 200
        assert WebhookEvent.objects.get().state == "applied"

    def test_a_failed_event_delivered_again_is_tried_again(self, endpoint, rings):
        told = event()
        deliver(told, endpoint=endpoint)
        WebhookEvent.objects.update(state="failed", next_attempt_at=None, attempts=6)
        assert deliver(told, endpoint=endpoint) == 200
        kept = WebhookEvent.objects.get()
        assert (kept.state, kept.attempts) == ("waiting", 0)

    @pytest.mark.parametrize(
        "told",
        [
            event("pi_1", kind="payment_intent.created"),
            event(None, kind="invoice.upcoming"),
            event("tr_1", kind="transfer.made_up"),
            event("sub_1", livemode=True),
        ],
        ids=lambda told: told["type"],
    )
    def test_what_means_nothing_here_is_stored_and_ignored(
        self, endpoint, rings, told, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            assert deliver(told, endpoint=endpoint) == 200
        assert WebhookEvent.objects.get().state == "ignored"
        assert rings == []

    def test_one_of_a_connected_account_is_ignored(self, endpoint, rings):
        """The studio's key cannot see its objects: they would be taken for deleted ones."""
        assert deliver({**event("cus_1"), "account": "acct_1"}, endpoint=endpoint) == 200
        assert WebhookEvent.objects.get().state == "ignored"

    def test_what_meant_nothing_and_does_now_is_applied_when_it_is_delivered_again(
        self, endpoint, rings, settings
    ):
        """After a change of keys, with Resend in Stripe's dashboard."""
        told = event("sub_1", livemode=True)
        deliver(told, endpoint=endpoint)
        assert WebhookEvent.objects.get().state == "ignored"
        settings.STRIPE_LIVE_MODE = True
        deliver(told, endpoint=endpoint)
        kept = WebhookEvent.objects.get()
        assert (kept.state, kept.attempts) == ("waiting", 0)

    @pytest.mark.parametrize("name", ["a\0b", "a\ud800b"], ids=["a_nul", "half_a_character"])
    def test_what_the_database_cannot_hold_is_stored_all_the_same(self, endpoint, rings, name):
        told = event("sub_1", identity="evt_1", name=name)
        assert deliver(told, endpoint=endpoint) == 200
        kept = WebhookEvent.objects.get(pk="evt_1")
        assert (kept.state, len(kept.body["data"]["object"]["name"])) == ("waiting", 3)

    def test_it_needs_neither_a_token_nor_an_account(self, endpoint, rings):
        assert deliver(event(), endpoint=endpoint, client=Client(enforce_csrf_checks=True)) == 200

    @pytest.mark.parametrize("garbage", ["not-an-ip", "1.2.3.4, , ::", "é" * 50, "10.9.9.9"])
    def test_whatever_stands_in_the_forwarding_header_it_is_taken(self, endpoint, rings, settings, garbage):
        """B10."""
        settings.TRUSTED_PROXIES = 1
        told = event()
        assert deliver(told, endpoint=endpoint, **{"X-Forwarded-For": garbage}) == 200
        assert WebhookEvent.objects.get().pk == told["id"]

    def test_deliveries_are_not_counted_as_a_visitors_requests(self, endpoint, rings, settings):
        settings.REQUESTS_PER_HOUR = dict.fromkeys(("read", "write", "costly"), (1, 1))
        assert {deliver(event(), endpoint=endpoint) for _ in range(5)} == {200}

    def test_storing_takes_few_queries(self, endpoint, rings, django_assert_num_queries):
        with django_assert_num_queries(3):  # the secret, the event, those given up
            deliver(event(), endpoint=endpoint)


class TestRefused:
    @pytest.mark.parametrize("seconds", [-400, 400, 3 * 86_400])
    def test_old_and_future_ones_are_refused(self, endpoint, seconds):
        assert deliver(event(), endpoint=endpoint, at=time.time() + seconds) == 400
        assert_nothing_kept()

    def test_one_signed_for_another_endpoint_is_refused(self, endpoint):
        other = open_endpoint(secret="whsec_other")
        body = json.dumps(event())
        assert deliver(body, endpoint=endpoint, signed=signature(body, other.secret)) == 400
        assert_nothing_kept()

    def test_one_for_an_endpoint_that_is_not_there_is_refused(self, endpoint):
        endpoint.djstripe_uuid = uuid.uuid4()
        assert deliver(event(), endpoint=endpoint) == 400
        assert_nothing_kept()

    def test_an_endpoint_without_a_secret_takes_nothing(self):
        assert deliver(event(), endpoint=open_endpoint(secret="")) == 400
        assert_nothing_kept()

    def test_the_secret_cannot_be_chosen_by_the_sender(self, endpoint, settings):
        settings.DEBUG = True
        body = json.dumps(event())
        mine = {"X-Djstripe-Webhook-Secret": "whsec_mine"}
        assert deliver(body, endpoint=endpoint, signed=signature(body, "whsec_mine"), **mine) == 400
        assert_nothing_kept()

    @pytest.mark.parametrize(
        "body",
        [
            "", "[]", "no json", "null", '{"id": "evt_1"}', '{"object": "event"}',
            json.dumps({**event(), "object": "charge"}),
            json.dumps({**event(), "id": "evt_" + "x" * 300}),
            json.dumps({**event(), "type": "x" * 101}),
            json.dumps({**event(), "created": "yesterday"}),
            json.dumps({**event(), "created": 10**20}),
            json.dumps({**event(), "data": {"object": []}}),
            json.dumps({**event(), "data": None}),
        ],
        ids=[
            "empty", "a_list", "no_json", "null", "no_object", "no_id", "another_object", "long_id", "long_type",
            "no_time", "time_too_late", "data_a_list", "no_data",
        ],
    )  # fmt: skip
    def test_a_genuine_body_that_is_no_event_is_refused(self, endpoint, body):
        assert deliver(body, endpoint=endpoint) == 400
        assert_nothing_kept()

    def test_a_large_body_is_refused_before_anything_is_asked(self, endpoint, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert deliver(event(note="x" * MOST_BYTES), endpoint=endpoint) == 413
        assert_nothing_kept()

    def test_a_body_at_the_limit_is_taken(self, endpoint, rings):
        told = event(note="")
        told["data"]["object"]["note"] = "x" * (MOST_BYTES - len(json.dumps(told)))
        assert len(json.dumps(told)) == MOST_BYTES
        assert deliver(told, endpoint=endpoint) == 200

    @pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
    def test_only_posts_are_taken(self, endpoint, method):
        answer = getattr(Client(), method)(f"/stripe/webhook/{endpoint.djstripe_uuid}/")
        assert answer.status_code == 405

    def test_a_thousand_forged_ones_leave_nothing(self, endpoint):
        """B09."""
        client, body, other = Client(), json.dumps(event()), "whsec_forged"
        forged = [
            lambda n: {"signed": signature(body, other)},
            lambda n: {"signed": signature(body, endpoint.secret, at=time.time() - 301 - n)},
            lambda n: {"signed": signature(body, endpoint.secret, at=time.time() + 302 + n)},
            lambda n: {"signed": signature(body + " ", endpoint.secret)},
            lambda n: {"signed": f"t={n},v1={n:064x}"},
        ]
        with connection.execute_wrapper(_refuse_writes):
            answers = {
                deliver(body, endpoint=endpoint, client=client, **forged[n % 5](n)) for n in range(1000)
            }
        assert answers == {400}
        assert_nothing_kept()


def _refuse_writes(execute, sql, params, many, context):
    assert sql.startswith("SELECT"), sql
    return execute(sql, params, many, context)
