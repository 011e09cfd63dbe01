"""Stripe's events and the comparisons with it in the operators' admin."""

from datetime import timedelta

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission

from accounts.models import AuditEntry
from billing.models import Difference, Reconciliation, WebhookEvent
from billing.webhooks import inbox
from config.common.clock import now
from config.common.operators import page_of
from tests.support.people import open_operator, operator_client
from tests.support.stripe_events import event

pytestmark = pytest.mark.django_db

EVENTS, RUNS, DIFFERENCES = (
    f"/admin/billing/{name}/" for name in ("webhookevent", "reconciliation", "difference")
)
REASON = "Stripe was down when it came"


@pytest.fixture(autouse=True)
def rings(monkeypatch):
    heard = []
    monkeypatch.setattr("billing.ringing._ring", lambda task: heard.append(task.name))
    return heard


def kept(identity="evt_1A2B", **fields) -> WebhookEvent:
    inbox.receive(event(identity=identity, note="<b>told</b>"))
    WebhookEvent.objects.filter(pk=identity).update(**fields)
    return WebhookEvent.objects.get(pk=identity)


def failed(identity="evt_1A2B") -> WebhookEvent:
    error = "Traceback\n  File x\nZeroDivisionError: division by zero\n"
    return kept(identity, state="failed", next_attempt_at=None, attempts=6, error=error)


def run(*, repaired: bool = True) -> Reconciliation:
    row = Reconciliation.objects.create(
        kind="objects", since=now(), started_at=now(), finished_at=now(), state="done", compared=3
    )
    Difference.objects.create(
        reconciliation=row, what="invoice", object_id="in_1", ours="nothing", theirs="paid, 29.00",
        is_repaired=repaired,
    )  # fmt: skip
    return row


class TestReading:
    def test_the_list_says_what_waits_and_since_when(self, operators):
        failed("evt_failed")
        kept("evt_old", received_at=now() - timedelta(minutes=20))
        page = operators.get(EVENTS)
        news = page.context["news"]
        assert (news.waiting, news.failed, news.is_late) == (1, 1, True)
        text = page.content.decode()
        assert "20\xa0minutes" in text
        assert "ZeroDivisionError: division by zero" in text

    def test_an_event_shows_its_traceback_and_what_was_sent_escaped(self, operators):
        text = operators.get(page_of(failed())).content.decode()
        assert "File x" in text
        assert "&lt;b&gt;told&lt;/b&gt;" in text
        assert "<b>told</b>" not in text

    def test_a_comparison_shows_what_it_found(self, operators):
        row = run(repaired=False)
        assert operators.get(RUNS).status_code == 200
        text = operators.get(f"{RUNS}{row.pk}/change/").content.decode()
        assert "paid, 29.00" in text
        assert operators.get(DIFFERENCES).status_code == 200
        assert operators.get(f"{DIFFERENCES}{Difference.objects.get().pk}/change/").status_code == 200

    @pytest.mark.parametrize("url", [EVENTS, RUNS, DIFFERENCES])
    def test_nothing_can_be_added_changed_or_deleted(self, operators, url):
        failed(), run()
        assert operators.get(f"{url}add/").status_code == 403
        [row] = {EVENTS: WebhookEvent, RUNS: Reconciliation, DIFFERENCES: Difference}[url].objects.all()
        assert operators.post(f"{url}{quote(row.pk)}/change/", {"type": "x"}).status_code == 403
        assert operators.post(f"{url}{quote(row.pk)}/delete/", {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize("url", [EVENTS, RUNS, DIFFERENCES])
    def test_a_list_takes_as_many_queries_with_three_rows(
        self, operators, url, django_assert_max_num_queries
    ):
        failed("evt_0"), run()
        operators.get(url)
        with _counted() as one:
            operators.get(url)
        for n in (1, 2):
            failed(f"evt_{n}"), run()
        with _counted() as three:
            operators.get(url)
        assert len(one) == len(three)


class TestReplaying:
    url = f"{EVENTS}{quote('evt_1A2B')}/replay/"

    def test_an_operator_has_it_applied_again_with_a_reason(
        self, operators, olga, rings, django_capture_on_commit_callbacks
    ):
        failed()
        page = operators.get(f"{EVENTS}{quote('evt_1A2B')}/change/").content.decode()
        assert f'href="{self.url}"' in page
        assert operators.get(self.url).status_code == 200
        with django_capture_on_commit_callbacks(execute=True):
            answer = operators.post(self.url, {"reason": REASON}, follow=True)
        assert "once more" in answer.content.decode()
        row = WebhookEvent.objects.get()
        assert (row.state, row.attempts) == ("waiting", 0)
        assert rings[-1] == "billing.tasks.apply_events"
        entry = AuditEntry.objects.get(act="event.replayed")
        assert (entry.actor_id, entry.subject_id, entry.reason, entry.before) == (
            olga.pk, "evt_1A2B", REASON, {"state": "failed"},
        )  # fmt: skip

    def test_without_a_reason_nothing_happens(self, operators):
        failed()
        assert operators.post(self.url, {"reason": ""}).status_code == 200
        assert WebhookEvent.objects.get().state == "failed"
        assert not AuditEntry.objects.filter(act="event.replayed").exists()

    def test_one_that_is_at_work_is_left_alone(self, operators):
        kept(is_at_work=True)
        answer = operators.post(self.url, {"reason": REASON}, follow=True)
        assert "a worker is at it" in answer.content.decode()
        assert not AuditEntry.objects.filter(act="event.replayed").exists()

    def test_one_without_a_meaning_offers_nothing(self, operators):
        inbox.receive(event("pi_1", identity="evt_1A2B", kind="payment_intent.created"))
        assert operators.post(self.url, {"reason": REASON}).status_code == 403

    def test_it_takes_a_permission(self):
        reader = open_operator("rosa")
        reader.is_superuser = False
        reader.save()
        reader.user_permissions.add(Permission.objects.get(codename="view_webhookevent"))
        client = operator_client(reader)
        failed()
        assert client.get(f"{EVENTS}{quote('evt_1A2B')}/change/").status_code == 200
        assert client.post(self.url, {"reason": REASON}).status_code == 403
        assert WebhookEvent.objects.get().state == "failed"


def _counted():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return CaptureQueriesContext(connection)
