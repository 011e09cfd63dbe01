"""The month's tokens, asked between rounds: a run waits for the next month, and nothing of it is lost."""

from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import Notification
from billing.models import PlanTerms
from config.common import clock
from config.common.errors import Refused
from credits import metering
from credits.models import Metric, UsageCounter, UsageRecord
from orchestration import tasks
from orchestration.models import Session, Turn
from orchestration.presenting import waiting_of
from orchestration.runtime import reaper
from orchestration.services import resume, stop
from orchestration.workflow.terms import Status
from tests.support.sessions import drive, figures, on_plan, started

pytestmark = pytest.mark.usefixtures("sound")
MONTH = 1_500


def month_of(user, tokens):
    """Let the month of the plan that `user` is on carry so many tokens."""
    terms = PlanTerms.objects.get(subscriptions__user=user, subscriptions__ended_at=None)
    terms.limits_json = {**terms.limits_json, "tokens_per_month": tokens}
    terms.save()


def use(user, tokens):
    """Use up the month but for what is missing to `tokens`."""
    used = metering.used(user_id=user.pk, metric=Metric.LLM_CALL)
    metering.record(user_id=user.pk, metric=Metric.LLM_CALL, quantity=tokens - used)


def next_month(user):
    """Let all that was counted have been counted in an earlier month."""
    for model in (UsageCounter, UsageRecord):
        model.objects.filter(user=user).update(period_start=F("period_start") - timedelta(days=40))
    Session.objects.filter(owner=user, wakes_at__isnull=False).update(wakes_at=clock.now())


@pytest.fixture
def waiting(author):
    """A run that found the month used up after its first round of two."""
    month_of(author, MONTH)
    session = started(author, roles=("writer",), model="house", max_rounds=2, approve_rounds=False)
    use(author, MONTH - 10)
    return drive(session)


def test_a_run_waits_before_the_round_that_the_month_has_no_room_for(author, waiting):
    assert (waiting.status, waiting.reason_code, waiting.round) == ("awaiting_credits", "quota", 1)
    assert waiting.status_text == "Waiting for the next month"
    assert "1\u202f500 tokens a month" in waiting.reason
    assert waiting.reason.endswith("The session goes on by itself then, and nothing is lost.")
    assert waiting.wakes_at == metering.running_period(user_id=author.pk).end
    assert (Turn.objects.count(), figures(author)[1]) == (1, 0)
    waiting.document.refresh_from_db()
    assert waiting.document.lock_holder is None
    told = Notification.objects.get(user=author, kind="run_paused")
    assert told.title == f"“{waiting.title}” waits for next month’s tokens"


def test_it_goes_on_by_itself_when_the_month_starts_again(author, waiting):
    assert reaper.wake_months() == 0, "the month has not started again"
    next_month(author)
    tasks.ring_runnable()
    waiting.refresh_from_db()
    assert (waiting.status, waiting.round, waiting.wakes_at) == (Status.RUNNING, 2, None)
    assert drive(waiting).status == Status.COMPLETED
    assert waiting.turns.count() == 2


def test_a_larger_plan_lets_it_go_on_at_once(author, waiting):
    on_plan(author, "enterprise")
    assert reaper.wake_months() == 1
    assert drive(waiting).status == Status.COMPLETED


def test_a_look_in_vain_waits_for_the_month_after(author, waiting):
    Session.objects.update(wakes_at=clock.now() - timedelta(hours=1))
    assert reaper.wake_months() == 0
    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason_code) == ("awaiting_credits", "quota")
    assert waiting.wakes_at == metering.running_period(user_id=author.pk).end
    assert Notification.objects.filter(user=author, kind="run_paused").count() == 1


def test_its_owner_is_told_why_it_does_not_go_on_and_may_stop_it(author, waiting):
    with pytest.raises(Refused) as refused:
        resume(session_id=waiting.pk, user=author)
    assert refused.value.code == "limit_reached"
    assert stop(session_id=waiting.pk, user=author).status == Status.STOPPED
    waiting.refresh_from_db()
    assert waiting.wakes_at is None


def test_the_page_says_what_it_waits_for(author, waiting, client_for):
    page = client_for(author).get(f"/sessions/{waiting.pk}/").content.decode()
    assert "Paused: this month’s tokens are used" in page
    assert 'href="/billing/"' in page
    assert waiting_of(waiting).for_month


def test_a_month_with_room_lets_rounds_follow_each_other(author):
    month_of(author, 1_000_000)
    session = drive(started(author, roles=("writer",), model="house", max_rounds=2))
    assert (session.status, session.round) == (Status.COMPLETED, 2)
