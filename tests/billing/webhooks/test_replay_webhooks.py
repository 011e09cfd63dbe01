"""manage.py replay_webhooks."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing.models import WebhookEvent
from billing.stripe import mirror
from billing.webhooks import inbox
from tests.billing.stripe_stand_in import StandIn
from tests.support.stripe_events import event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stripe(monkeypatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr(mirror, "gateway", stand_in)
    monkeypatch.setattr("billing.ringing._ring", lambda *_: None)
    for day in (1, 2, 3):
        at = datetime(2026, 5, day, 12, tzinfo=UTC).timestamp()
        kind = "price.updated" if day == 2 else "product.updated"
        inbox.receive(event(f"prod_{day}", identity=f"evt_{day}", kind=kind, created=at))
        stand_in.put(f"prod_{day}", "product", name=str(day), active=True)
    done = {"state": "applied", "next_attempt_at": None, "applied_at": datetime(2026, 5, 4, tzinfo=UTC)}
    WebhookEvent.objects.update(**done)
    return stand_in


def replay(*arguments):
    out = StringIO()
    call_command("replay_webhooks", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_events_are_replayed_by_id_the_oldest_first(stripe):
    assert replay("--id", "evt_3", "--id", "evt_1") == [
        "evt_1  product.updated  applied",
        "evt_3  product.updated  applied",
    ]
    assert stripe.asked == ["prod_1", "prod_3"]


def test_events_are_replayed_by_when_they_happened(stripe):
    assert len(replay("--from", "2026-05-02T12:00", "--to", "2026-05-03T12:00:00Z")) == 1
    assert stripe.asked == ["prod_2"]


def test_a_type_narrows_it(stripe):
    replay("--from", "2026-05-01", "--to", "2026-05-31T00:00", "--type", "product.updated")
    assert stripe.asked == ["prod_1", "prod_3"]


def test_one_that_fails_says_so_and_the_others_are_applied(stripe, monkeypatch):
    def fail(*, data, at):
        raise ZeroDivisionError("in the meaning")

    monkeypatch.setitem(mirror._meanings, "product", [fail])
    with pytest.raises(CommandError, match="3 of them could not be applied"):
        replay("--from", "2026-05-01", "--to", "2026-06-01")
    assert set(WebhookEvent.objects.values_list("state", "attempts")) == {("waiting", 1)}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Choose events"),
        (["--from", "2026-05-01"], "Choose events"),
        (["--id", "evt_1", "--from", "2026-05-01", "--to", "2026-05-02"], "Choose events"),
        (["--id", "evt_9", "--id", "evt_1"], "Not stored here: evt_9"),
    ],
)
def test_a_choice_that_is_none_is_refused(stripe, arguments, complaint):
    with pytest.raises(CommandError, match=complaint):
        replay(*arguments)
    assert stripe.asked == []


def test_a_time_that_is_none_is_refused(stripe):
    with pytest.raises(CommandError, match="no time"):
        replay("--from", "yesterday", "--to", "2026-05-02")
