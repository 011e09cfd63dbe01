"""What the database refuses of events, tickets and comparisons; and the invariant of events."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from billing.models import Difference, Reconciliation, StripeTicket, WebhookEvent
from billing.verification import INVARIANTS
from config.common.clock import now
from credits.verification import breaks

pytestmark = pytest.mark.django_db


def an_event(identity="evt_1", **fields):
    given = {
        "type": "invoice.paid", "object_id": "in_1", "created": now(), "livemode": False, "body": {},
        "state": "waiting", "next_attempt_at": now(), "received_at": now(),
    }  # fmt: skip
    return WebhookEvent.objects.create(id=identity, **{**given, **fields})


def a_run(**fields):
    moment = now()
    given = {"kind": "events", "since": moment, "started_at": moment}
    return Reconciliation.objects.create(**{**given, **fields})


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"state": "lost"}, "billing_webhookevent_state_known"),
        ({"next_attempt_at": None}, "billing_webhookevent_waits_for_a_time"),
        ({"state": "failed"}, "billing_webhookevent_waits_for_a_time"),
        (
            {"state": "ignored", "next_attempt_at": None, "is_at_work": True},
            "billing_webhookevent_waits_at_work",
        ),
        ({"state": "applied", "next_attempt_at": None}, "billing_webhookevent_applied_at_a_time"),
        ({"applied_at": now()}, "billing_webhookevent_applied_at_a_time"),
    ],
)
def test_an_event_is_in_one_state_wholly(fields, name):
    with pytest.raises(IntegrityError, match=name):
        an_event(**fields)


def test_a_ticket_is_a_number_from_one():
    with pytest.raises(IntegrityError, match="billing_stripeticket_from_one"):
        StripeTicket.objects.create(object_id="sub_1", ticket=0, applied_at=now())


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"kind": "dreams"}, "billing_reconciliation_kind_known"),
        ({"finished_at": now()}, "billing_reconciliation_ends_at_a_time"),
        ({"state": "done"}, "billing_reconciliation_ends_at_a_time"),
        ({"since": now() + timedelta(days=1)}, "billing_reconciliation_looks_back"),
    ],
)
def test_a_comparison_runs_or_has_ended(fields, name):
    with pytest.raises(IntegrityError, match=name):
        a_run(**fields)


def test_one_comparison_of_a_kind_runs_at_a_time():
    a_run()
    a_run(kind="objects")
    a_run(state="done", finished_at=now())
    with pytest.raises(IntegrityError, match="billing_reconciliation_one_running"):
        a_run()


def test_a_difference_is_noted_once_a_run():
    given = {"what": "invoice", "object_id": "in_1", "ours": "a", "theirs": "b", "is_repaired": True}
    Difference.objects.create(reconciliation=a_run(kind="objects"), **given)
    run = a_run()
    Difference.objects.create(reconciliation=run, **given)
    with pytest.raises(IntegrityError, match="billing_difference_once_a_run"):
        Difference.objects.create(reconciliation=run, **given)


def test_an_event_without_its_effect_for_long_is_seen():
    """I19."""
    [rule] = [invariant for invariant in INVARIANTS if invariant.code == "I19"]
    long_ago = now() - timedelta(minutes=15, seconds=1)
    an_event("evt_young", received_at=now() - timedelta(minutes=14))
    an_event("evt_ignored", received_at=long_ago, state="ignored", next_attempt_at=None)
    an_event("evt_applied", received_at=long_ago, state="applied", next_attempt_at=None, applied_at=long_ago)
    assert breaks(rule) == []
    an_event("evt_waiting", received_at=long_ago)
    an_event("evt_failed", received_at=long_ago, state="failed", next_attempt_at=None)
    assert sorted(found.detail.split(" since")[0] for found in breaks(rule)) == [
        "evt_failed about in_1 is failed",
        "evt_waiting about in_1 is waiting",
    ]
