"""The outbox over a real mail server: each mail once, retries by the clock, nothing lost in silence (I20)."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from accounts.models import Delivery, Notification
from accounts.notifications import outbox
from accounts.notifications.verification import RULE
from accounts.services.notifications import notify
from credits.verification import Invariant, breaks, invariants
from tests.support.people import open_account
from tests.support.smtp import mail_server

I20 = Invariant(*RULE)


@pytest.fixture
def smtp(settings):
    """A mail server that the studio mails through."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        yield server


def tell(user, cause="s1:1", **fields):
    return notify(
        user=user,
        kind=fields.pop("kind", "run_finished"),
        cause=cause,
        title=fields.pop("title", "“Harbour” is done"),
        body="Three rounds. Read the result.",
        url="/sessions/",
        **fields,
    )


def nothing_waits():
    """Forget the mails that opening accounts has put into the outbox."""
    Delivery.objects.all().delete()


@pytest.fixture
def alice(alice):
    nothing_waits()
    return alice


def due(by: timedelta = timedelta(0)):
    """Make every waiting mail due, as if the time had come."""
    Delivery.objects.filter(state="pending").update(next_at=Now() - by)


def wait_of(delivery) -> float:
    """The seconds until the mail is taken up."""
    delivery.refresh_from_db()
    left = Delivery.objects.filter(pk=delivery.pk).annotate(left=F("next_at") - Now()).get().left
    return left.total_seconds()


def race(*acts):
    """Do all `acts` at the same moment in threads; return what they returned."""
    gate, results = threading.Barrier(len(acts)), []

    def run(act):
        gate.wait()
        try:
            results.append(act())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


class TestSending:
    def test_a_mail_goes_out_once(self, alice, smtp):
        delivery = tell(alice).delivery
        assert outbox.send_due() == 1
        assert outbox.send_due() == 0
        (mail,) = smtp.mails
        assert mail["To"] == "alice@example.com"
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts, delivery.next_at) == ("sent", 1, None)
        assert delivery.sent_at is not None

    def test_many_go_through_one_connection(self, alice, smtp):
        for number in range(5):
            tell(alice, cause=str(number))
        assert outbox.send_due() == 5
        assert (len(smtp.mails), smtp.connections) == (5, 1)

    def test_an_empty_outbox_asks_no_mail_server(self, alice, smtp):
        assert outbox.send_due() == 0
        assert smtp.connections == 0

    def test_it_goes_to_the_address_of_the_moment(self, alice, smtp):
        tell(alice)
        alice.email = "new@example.com"
        alice.save()
        outbox.send_due()
        assert smtp.mails[0]["To"] == "new@example.com"


class TestNeverTwice:
    def test_twenty_threads_with_one_cause_tell_it_once(self, transactional_db, smtp):
        alice = open_account("alice")
        nothing_waits()
        told = race(*[lambda: tell(alice)] * 20)
        assert sum(found is not None for found in told) == 1
        assert Notification.objects.filter(kind="run_finished").count() == 1
        assert Delivery.objects.count() == 1
        outbox.send_due()
        assert len(smtp.mails) == 1

    def test_twenty_threads_with_twenty_causes_tell_each(self, transactional_db):
        """The positive control."""
        alice = open_account("alice")
        nothing_waits()
        race(*[lambda cause=str(number): tell(alice, cause=cause) for number in range(20)])
        assert Delivery.objects.count() == 20

    def test_two_workers_drain_one_outbox(self, transactional_db, smtp):
        alice = open_account("alice")
        nothing_waits()
        for number in range(60):
            tell(alice, cause=str(number), title=f"Number {number}")
        sent = race(outbox.send_due, outbox.send_due)
        assert sum(sent) == 60
        assert min(sent) > 0, "both were at work"
        assert sorted(mail["Subject"] for mail in smtp.mails) == sorted(f"Number {n}" for n in range(60))
        assert Delivery.objects.filter(state="sent", attempts=1).count() == 60

    def test_what_a_worker_holds_no_other_takes(self, alice, smtp):
        tell(alice)
        assert len(list(outbox._claimed())) == 1
        assert outbox.send_due() == 0
        assert smtp.mails == []

    def test_a_worker_that_lost_its_lease_sends_nothing(self, alice, smtp, monkeypatch):
        """It was slow before it handed the mail over: another has taken it up meanwhile."""
        delivery = tell(alice).delivery
        (slow,) = outbox._claimed()
        due()
        assert outbox.send_due() == 1
        assert not outbox._hand_over(slow)
        outbox._put_off(slow, OSError("late"))
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts, len(smtp.mails)) == ("sent", 2, 1)


class TestCommit:
    def test_nothing_is_told_where_the_transaction_fails(self, transactional_db, smtp):
        alice = open_account("alice")
        nothing_waits()
        with transaction.atomic():
            assert tell(alice) is not None
            transaction.set_rollback(True)
        assert not Notification.objects.filter(kind="run_finished").exists()
        assert outbox.send_due() == 0

    def test_nothing_is_sent_before_the_commit(self, transactional_db, smtp):
        alice = open_account("alice")
        nothing_waits()
        with transaction.atomic():
            tell(alice)
            assert race(outbox.send_due) == [0]
        assert race(outbox.send_due) == [1]

    def test_the_worker_is_rung_for_on_commit(self, alice, monkeypatch, django_capture_on_commit_callbacks):
        rung = []
        monkeypatch.setattr("accounts.tasks.send_mails.apply_async", lambda **options: rung.append(options))
        with django_capture_on_commit_callbacks(execute=True):
            tell(alice)
            assert rung == []
        assert len(rung) == 1

    def test_a_broker_that_is_down_delays_and_breaks_nothing(
        self, alice, smtp, monkeypatch, django_capture_on_commit_callbacks, caplog
    ):
        def away(**options):
            raise OSError("no broker")

        monkeypatch.setattr("accounts.tasks.send_mails.apply_async", away)
        with django_capture_on_commit_callbacks(execute=True):
            tell(alice)
        assert "wait for the next look" in caplog.text
        assert outbox.send_due() == 1


class TestRetries:
    def test_the_waits_are_one_minute_to_six_hours_then_it_has_failed(self, alice, smtp):
        smtp.refuse_data = "451 greylisted"
        delivery = tell(alice).delivery
        waits = []
        for _ in range(5):
            assert outbox.send_due() == 0
            waits.append(round(wait_of(delivery)))
            assert outbox.send_due() == 0, "not before its time"
            due()
        assert waits == [60, 300, 1800, 7200, 21600]
        outbox.send_due()
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts, delivery.next_at) == ("failed", 6, None)
        assert "greylisted" in delivery.last_error
        due()
        assert outbox.send_due() == 0

    def test_a_retry_that_succeeds_bears_the_same_message_id(self, alice, smtp):
        smtp.refuse_data = "451 later"
        notice = tell(alice)
        outbox.send_due()
        smtp.refuse_data = ""
        due()
        assert outbox.send_due() == 1
        (mail,) = smtp.mails
        assert mail["Message-ID"] == f"<notice-{notice.pk.hex}@localhost>"
        assert Delivery.objects.get().last_error == ""

    def test_an_unknown_address_is_not_tried_again(self, alice, smtp):
        smtp.refuse_rcpt = "550 no such user"
        tell(alice)
        outbox.send_due()
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.attempts) == ("failed", 1)
        assert "no such user" in delivery.last_error

    def test_one_mail_that_cannot_be_sent_stops_no_other(self, alice, bob, smtp, monkeypatch):
        nothing_waits()
        tell(alice), tell(bob)
        build = outbox.message_for

        def broken_for_alice(notification):
            if notification.user == alice:
                raise ValueError("a template")
            return build(notification)

        monkeypatch.setattr(outbox, "message_for", broken_for_alice)
        assert outbox.send_due() == 1
        assert [mail["To"] for mail in smtp.mails] == ["bob@example.com"]
        assert Delivery.objects.get(notification__user=alice).last_error == "ValueError: a template"

    def test_a_server_that_is_down_is_asked_once_and_every_mail_scheduled(self, alice, settings, monkeypatch):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        for number in range(3):
            tell(alice, cause=str(number))
        asked = []
        monkeypatch.setattr(
            "smtplib.SMTP.connect", lambda *a, **k: asked.append(1) or (_ for _ in ()).throw(OSError("down"))
        )
        assert outbox.send_due() == 0
        assert len(asked) == 1
        assert Delivery.objects.filter(state="pending", attempts=1, handed_at=None).count() == 3
        assert breaks(I20) == []

    def test_an_answer_that_never_came_is_tried_again_under_the_same_name(self, alice, smtp):
        """The server took it and the connection broke: its reader's program shows one mail."""
        smtp.hang_up = True
        delivery = tell(alice).delivery
        outbox.send_due()
        delivery.refresh_from_db()
        assert (delivery.state, delivery.handed_at) == ("pending", None)
        smtp.hang_up = False
        due()
        outbox.send_due()
        assert len(smtp.mails) == 2
        assert smtp.mails[0]["Message-ID"] == smtp.mails[1]["Message-ID"]

    def test_failed_mails_are_sent_again_by_hand(self, alice, smtp):
        smtp.refuse_rcpt = "550 no"
        tell(alice)
        outbox.send_due()
        smtp.refuse_rcpt = ""
        assert outbox.retry(Delivery.objects.all()) == 1
        assert outbox.send_due() == 1
        assert outbox.retry(Delivery.objects.all()) == 0
        assert Delivery.objects.get().state == "sent"


_WORKER = """
import django
django.setup()
from django.conf import settings
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", {port}
settings.DATABASES["default"]["NAME"] = {name!r}
from accounts.notifications import outbox
{trap}
outbox.send_due()
"""


class TestKills:
    """A worker dies at the worst moments."""

    def run(self, smtp, trap=""):
        code = _WORKER.format(port=smtp.port, name=connection.settings_dict["NAME"], trap=trap)
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code], env=os.environ, timeout=60, check=False
        ).returncode

    def test_the_worker_of_these_tests_sends(self, transactional_db, smtp):
        """The positive control."""
        open_account("alice")
        assert (self.run(smtp), len(smtp.mails)) == (0, 1)
        assert Delivery.objects.get().state == "sent"

    def test_killed_before_it_hands_over_the_mail_goes_out_after_the_lease(self, transactional_db, smtp):
        open_account("alice")
        trap = "import os; outbox._hand_over = lambda delivery: os.kill(os.getpid(), 9)"
        assert self.run(smtp, trap) == -signal.SIGKILL
        assert outbox.send_due() == 0, "its lease still runs"
        delivery = Delivery.objects.get()
        assert 0 < wait_of(delivery) <= outbox.LEASE.total_seconds()
        due()
        assert outbox.send_due() == 1
        assert len(smtp.mails) == 1

    def test_killed_after_the_server_took_it_the_mail_is_not_sent_twice(self, transactional_db, smtp):
        open_account("alice")
        trap = "import os; outbox._Server.send = lambda self, message: (self._connection.send_messages([message]), os.kill(os.getpid(), 9))"
        assert self.run(smtp, trap) == -signal.SIGKILL
        assert len(smtp.mails) == 1
        due()
        assert outbox.send_due() == 0
        delivery = Delivery.objects.get()
        assert (delivery.state, len(smtp.mails)) == ("failed", 1)
        assert "may have arrived" in delivery.last_error


class TestInvariant:
    def test_it_is_proved_with_the_ledger(self):
        assert I20 in invariants()

    def test_what_is_scheduled_or_over_breaks_nothing(self, alice):
        tell(alice)
        assert breaks(I20) == []
        due(timedelta(minutes=4))
        assert breaks(I20) == []
        Delivery.objects.update(state="failed", next_at=None, last_error="gone")
        assert breaks(I20) == []

    def test_a_mail_that_nobody_takes_up_is_found(self, alice):
        delivery = tell(alice).delivery
        due(timedelta(minutes=6))
        (found,) = breaks(I20)
        assert found.wallet_id is None, "no wallet is parked for a late mail"
        assert f"mail {delivery.pk} is due since" in found.detail


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("accounts_delivery_known_state", {"state": "lost"}),
        ("accounts_delivery_pending_is_scheduled", {"next_at": None}),
        ("accounts_delivery_sent_has_moment", {"state": "sent", "next_at": None}),
        ("accounts_delivery_failed_says_why", {"state": "failed", "next_at": None}),
    ],
)
def test_the_database_refuses_a_state_that_cannot_be(alice, name, wrong):
    delivery = tell(alice).delivery
    with pytest.raises(IntegrityError, match=name):
        Delivery.objects.filter(pk=delivery.pk).update(**wrong)


def test_taking_up_a_mail_is_one_query_by_its_index(alice):
    tell(alice)
    with CaptureQueriesContext(connection) as queries:
        next(outbox._claimed())
    assert len(queries) == 2  # the claim, the notice with its reader
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + outbox._CLAIM, [outbox.LEASE.total_seconds()])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "accounts_delivery_due" in plan
