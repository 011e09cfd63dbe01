"""Alerts for operators: a notice each, and one message to the studio's webhook, from the outbox."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from accounts.models import Alert, Delivery, Notification
from accounts.notifications import outbox
from accounts.notifications import webhook as sending
from accounts.services import notices
from accounts.services.alerts import alert_operators
from accounts.services.notifications import notify
from config.checks import check_operator_webhook
from tests.support.people import open_operator
from tests.support.webhook import webhook

TOLD = {"cause": "event:evt_1", "title": "An event cannot be applied", "body": "Its price is unknown."}


@pytest.fixture
def hook(settings):
    """A webhook that the studio tells its operators by."""
    with webhook() as server:
        settings.OPERATOR_WEBHOOK_URL = f"{server.url}/api/webhooks/1/secret"
        settings.SITE_URL = "https://studio.example"
        yield server


@pytest.fixture
def olga(transactional_db):
    return open_operator()


def tell(*operators, **fields):
    """Alert, and leave the mails of the notices out: they have tests of their own."""
    told = alert_operators(operators=operators, **{**TOLD, "url": "/admin/", **fields})
    Delivery.objects.filter(alert=None).delete()
    return told


def due():
    Delivery.objects.filter(state="pending").update(next_at=Now())


def states():
    return list(Delivery.objects.exclude(alert=None).values_list("state", "attempts"))


def test_an_alert_is_a_notice_each_and_one_message(olga, hook):
    other = open_operator("otto")
    assert tell(olga, other, url="/admin/billing/") == 2
    assert Notification.objects.filter(kind="studio_needs_you").count() == 2
    assert outbox.send_due() == 1
    assert hook.paths == ["/api/webhooks/1/secret"]
    assert hook.received == [
        {
            "username": "Atelier",
            "content": "**An event cannot be applied**\nIts price is unknown.\n"
            "https://studio.example/admin/billing/",
            "allowed_mentions": {"parse": []},
        }
    ]
    assert states() == [("sent", 1)]
    assert outbox.send_due() == 0


def test_the_same_cause_is_told_once(olga, hook):
    assert (tell(olga), tell(olga, title="Again")) == (1, 0)
    outbox.send_due()
    assert len(hook.received) == 1


def test_without_a_webhook_there_are_notices_alone(olga, settings):
    settings.OPERATOR_WEBHOOK_URL = ""
    assert tell(olga) == 1
    assert (Alert.objects.count(), Notification.objects.filter(kind="studio_needs_you").count()) == (0, 1)


def test_what_is_undone_is_told_to_nobody(olga, hook):
    Delivery.objects.all().delete()
    with transaction.atomic():
        tell(olga)
        transaction.set_rollback(True)
    assert (outbox.send_due(), hook.received, Alert.objects.count()) == (0, [], 0)


def test_an_error_is_tried_again_later(olga, hook):
    hook.answers = [500, 429]
    tell(olga)
    for attempt in (1, 2):
        assert outbox.send_due() == 0
        delivery = Delivery.objects.get(alert__isnull=False)
        assert (delivery.state, delivery.attempts, delivery.handed_at) == ("pending", attempt, None)
        assert delivery.last_error.startswith("WebhookRefused: It answered")
        assert outbox.send_due() == 0, "not before its time"
        due()
    assert (outbox.send_due(), states()) == (1, [("sent", 3)])
    assert len(hook.received) == 3


@pytest.mark.parametrize("code", [400, 401, 404])
def test_a_no_is_believed(olga, hook, code):
    hook.answers = [code]
    tell(olga)
    outbox.send_due()
    assert states() == [("failed", 1)]
    assert Delivery.objects.get(alert__isnull=False).last_error == f"WebhookRefused: It answered {code}."


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(olga, hook, code):
    hook.answers = [code]
    tell(olga)
    outbox.send_due()
    assert hook.paths == ["/api/webhooks/1/secret"]
    assert states() == [("failed", 1)]


def test_nobody_there_is_tried_again(olga, settings):
    with webhook() as server:
        settings.OPERATOR_WEBHOOK_URL = server.url
    tell(olga)
    outbox.send_due()
    assert states() == [("pending", 1)]


def test_a_dead_webhook_holds_up_no_mail(olga, alice, hook, mailoutbox):
    hook.answers = [500]
    tell(olga)
    notify(user=alice, kind="run_finished", cause="x", title="Done", body="Read it.")
    assert outbox.send_due() == 1
    assert [mail.to for mail in mailoutbox] == [[alice.email]]


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://discord.com/api/webhooks/1/x", True),
        ("http://localhost:9000/", True),
        ("http://127.0.0.1/", True),
        ("http://[::1]/", True),
        ("http://discord.com/api/webhooks/1/x", False),
        ("http://127.0.0.1.example.com/", False),
        ("file:///etc/passwd", False),
        ("https://", False),
    ],
)
def test_alerts_leave_encrypted_or_not_at_all(olga, settings, address, allowed):
    settings.OPERATOR_WEBHOOK_URL = address
    assert sending.is_allowed(address) is allowed
    assert [found.id for found in check_operator_webhook(None)] == ([] if allowed else ["atelier.E005"])
    if not allowed:
        tell(olga)
        outbox.send_due()
        assert states() == [("failed", 1)]


def test_it_is_never_asked_inside_a_transaction(olga, hook):
    tell(olga)
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
        sending.post(Alert.objects.get())
    assert hook.received == []
    assert not connection.in_atomic_block


def test_a_long_text_is_cut_to_what_fits(olga, hook):
    tell(olga, body="x" * 5000, title="y" * 500)
    outbox.send_due()
    [message] = hook.received
    assert len(message["content"]) <= 2000
    assert message["content"].endswith("…\nhttps://studio.example/admin/")


def test_old_alerts_are_forgotten(olga, hook):
    tell(olga)
    Alert.objects.update(created_at=Now() - notices.KEPT - timedelta(days=1))
    notices.prune()
    assert (Alert.objects.count(), states()) == (0, [])


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"title": ""}, "accounts_alert_worded"), ({"cause": ""}, "accounts_alert_worded")],
)
def test_the_database_keeps_the_rules(olga, hook, fields, name):
    tell(olga)
    with pytest.raises(IntegrityError, match=name):
        Alert.objects.update(**fields)


def test_a_delivery_is_of_one_thing(olga, hook):
    tell(olga)
    with pytest.raises(IntegrityError, match="accounts_delivery_of_one_thing"):
        Delivery.objects.filter(alert__isnull=False).update(alert=None)
    with pytest.raises(IntegrityError, match="accounts_alert_one_per_cause"):
        Alert.objects.create(cause=TOLD["cause"], title="x", body="y")


def test_operators_see_what_became_of_it(olga, hook):
    from tests.support.people import operator_client

    hook.answers = [404]
    tell(olga)
    outbox.send_due()
    page = operator_client(olga).get("/admin/accounts/delivery/").text
    assert ("The webhook" in page, "It answered 404." in page) == (True, True)
