"""What was spent in a stretch of time: to the credit what the journal settled in it, however it is divided."""

import random
from datetime import UTC, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db.models import Sum

from config.common import clock
from credits import ledger
from credits.dashboard import dashboard_of, usage_in
from credits.models import Entry, EntryKind
from credits.selectors_usage import usage_of
from credits.shares import OTHER
from credits.spans import Span, months_between
from tests.credits.books import fund, hold
from tests.credits.spending import TEAM, happened, opened, pay, session_on, text_of
from tests.support.people import open_account

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def settled(user, span):
    """What the journal settled within `span`, asked plainly."""
    found = Entry.objects.filter(
        wallet=user.wallet, kind=EntryKind.SETTLE, created_at__gte=span.start, created_at__lt=span.end
    )
    return -(found.aggregate(total=Sum("amount"))["total"] or 0)


def used(user, span):
    return usage_of(user, wallet_id=user.wallet.pk, span=span, recent_since=span.end)


def total(shares):
    return sum(share.credits for share in shares)


def random_months(user, seed):
    """Seventy days of work by every agent on several texts, with refunds, free turns and work without a turn."""
    draw = random.Random(seed)
    fund(user.wallet.pk, 5_000)
    sessions = [session_on(text_of(user, f"Text {number}"), TEAM) for number in range(9)]
    for hours in sorted(draw.sample(range(70 * 24), 45), reverse=True):
        ago = timedelta(hours=hours)
        paid = pay(
            draw.choice(sessions),
            draw.choice([0, 1, 1, 2, 5, 40]),
            ago=ago,
            role=draw.choice(TEAM),
            model=draw.choice(["house", "claude-haiku-4-5", "of-another-catalogue"]),
            over=draw.randint(0, 3),
        )
        if paid.settled and draw.random() < 0.2:
            back = ledger.refund(hold_id=paid.pk, amount=1, key=str(uuid4()))
            happened(user, [back.entry_id], clock.now() - ago)
        if draw.random() < 0.1:
            held = hold(user.wallet.pk, 4)
            alone = ledger.settle(hold_id=held.hold_id, amount=3, key=str(uuid4()))
            happened(user, [held.entry_id, alone.entry_id], clock.now() - ago)
    return sessions


@pytest.mark.parametrize("seed", range(4))
def test_days_agents_models_and_texts_each_add_up_to_the_settlements(seed):
    user = open_account("alma", time_zone=("UTC", "Asia/Kathmandu", "America/New_York", "Pacific/Apia")[seed])
    opened(user, 80 * DAY)
    sessions = random_months(user, seed)
    sessions[0].document.delete()
    spans = [Span.of_month(month) for month in months_between(clock.now() - 80 * DAY, clock.now())]
    spans.append(dashboard_of(user).usage.span)
    for span in spans:
        usage = used(user, span)
        spent = settled(user, span)
        assert usage.spent == spent
        assert sum(usage.by_day.values()) == spent
        assert set(usage.by_day) <= set(span.days())
        if spent:
            assert [total(usage.agents), total(usage.models), total(usage.texts)] == [spent] * 3
    everything = Entry.objects.filter(wallet=user.wallet, kind=EntryKind.SETTLE).aggregate(paid=Sum("amount"))
    assert sum(used(user, span).spent for span in spans[:-1]) == -everything["paid"]


def test_the_running_period_says_what_the_balance_says(alice):
    fund(alice.wallet.pk, 50)
    session = session_on(text_of(alice))
    paid = pay(session, 7)
    pay(session, 4)
    ledger.refund(hold_id=paid.pk, amount=2, key="back")
    dashboard = dashboard_of(alice)
    assert (dashboard.usage.spent, dashboard.usage.given_back) == (11, 2)
    assert dashboard.balance.used_this_period == 9


def test_work_is_named_by_agent_model_and_text(alice):
    fund(alice.wallet.pk, 100)
    ledgers, letter = session_on(text_of(alice, "The ledger")), session_on(text_of(alice, "A letter"))
    pay(ledgers, 6, role="writer", model="claude-haiku-4-5", tokens=4000)
    pay(ledgers, 3, role="style_editor")
    pay(letter, 1, role="writer", model="gone-from-the-catalogue")
    usage = usage_in(alice)
    assert [(s.label, s.credits, s.percent) for s in usage.agents] == [
        ("Writer", 7, 70),
        ("Style Editor", 3, 30),
    ]
    assert [(s.label, s.credits, s.tokens) for s in usage.models] == [
        ("Claude Haiku 4.5", 6, 4000),
        ("House", 3, 1000),
        ("gone-from-the-catalogue", 1, 1000),
    ]
    assert [(s.label, s.credits, s.url) for s in usage.texts] == [
        ("The ledger", 9, f"/documents/{ledgers.document_id}/"),
        ("A letter", 1, f"/documents/{letter.document_id}/"),
    ]


def test_a_text_in_the_trash_leads_there_and_a_deleted_one_is_other_work(alice):
    fund(alice.wallet.pk, 100)
    binned, gone = session_on(text_of(alice, "Binned")), session_on(text_of(alice, "Gone"))
    pay(binned, 6)
    pay(gone, 2)
    binned.document.deleted_at = clock.now()
    binned.document.save()
    gone.document.delete()
    usage = usage_in(alice)
    assert [(s.label, s.credits, s.url) for s in usage.texts] == [
        ("Binned, in the trash", 6, "/documents/trash/"),
        (OTHER, 2, ""),
    ]
    assert [(s.label, s.credits) for s in usage.agents] == [("Writer", 6), (OTHER, 2)]


def test_the_seventh_text_and_those_after_it_are_one_line(alice):
    fund(alice.wallet.pk, 100)
    for number in range(8):
        pay(session_on(text_of(alice, f"Text {number}")), 9 - number)
    lines = [(share.label, share.credits) for share in usage_in(alice).texts]
    assert lines == [*((f"Text {number}", 9 - number) for number in range(6)), ("2 more documents", 5)]


def test_a_day_is_the_readers_own(time_machine):
    time_machine.move_to("2031-11-20T12:00:00Z", tick=True)
    user = open_account("kiri", time_zone="Pacific/Auckland")
    opened(user, 3 * DAY)
    fund(user.wallet.pk, 10)
    pay(session_on(text_of(user)), 4, ago=timedelta(minutes=59))  # 00:01 of the 21st there
    assert [day.isoformat() for day in usage_in(user).by_day] == ["2031-11-21"]
    month = usage_in(user, month="2031-11")
    assert month.span.zone == UTC
    assert [day.isoformat() for day in month.by_day] == ["2031-11-20"]


def test_recent_use_is_counted_besides_the_month_shown(alice):
    fund(alice.wallet.pk, 100)
    opened(alice, 90 * DAY)
    session = session_on(text_of(alice))
    for days, credits in ((60, 8), (13, 4), (2, 3)):
        pay(session, credits, ago=days * DAY)
    month = months_between(clock.now() - 60 * DAY, clock.now() - 60 * DAY)[0]
    usage = usage_of(
        alice, wallet_id=alice.wallet.pk, span=Span.of_month(month), recent_since=clock.now() - 14 * DAY
    )
    assert (usage.spent, usage.recent) == (8, 7)


def test_nobody_elses_work_is_counted(alice, bob):
    for user in (alice, bob):
        fund(user.wallet.pk, 10)
    pay(session_on(text_of(bob, "Bob's own")), 5)
    usage = usage_in(alice)
    assert (usage.spent, usage.texts, usage.by_day) == (0, [], {})


def test_shares_are_sorted_by_what_they_cost(alice):
    fund(alice.wallet.pk, 500)
    random_months(alice, 7)
    for shares in (usage_in(alice).agents, usage_in(alice).models):
        named = [share for share in shares if share.label != OTHER]
        assert all(one.credits >= other.credits for one, other in pairwise(named))
