"""H3: a budget that pauses: at its cap a session keeps everything, and goes on from there."""

import re

import pytest

from config.common.errors import Conflict, Invalid, Missing, TooMany
from credits.models import Wallet
from orchestration.models import Session, Turn
from orchestration.runtime import charging, leases, reaper
from orchestration.runtime.charging import CannotPay
from orchestration.runtime.plans import Ceiling
from orchestration.services import pause, raise_cap, resume, stop
from orchestration.tasks import wake_paid
from orchestration.workflow.terms import Status, TurnStatus
from orchestration.workflow.tokens import estimate
from tests.support.people import open_account
from tests.support.providers import Answer, editor_answer, writer_answer
from tests.support.sessions import (
    draft,
    drive,
    figures,
    give,
    on_plan,
    race,
    started,
    take_all,
    wait_until,
    working,
)

pytestmark = pytest.mark.usefixtures("sound")
PAIR = ("writer", "style_editor")
FIRST = 5
"""A cap with which the Writer begins, and which its text passes."""


def passage(name, count):
    """Return `count` long words: little to send, much to pay for."""
    return " ".join(f"{name}{number}:{'lorem' * 80}" for number in range(count))


TEXT = passage("word", 120)
"""About 49 000 bytes: a turn of the Writer over it holds up to six credits of gpt-4o, and begins with five."""


def by_round(received):
    """Answer by role and round alone, so that a run is the same however often it was interrupted.

    The Writer writes nearly twice what it was given: more than is foreseen.
    """
    number = int(re.search(r"Round (\d+) of", str(received.body["messages"][1]["content"]))[1])
    if received.role == "writer":
        return Answer(writer_answer(f"{TEXT} {passage(f'more{number}x', 80 + 20 * number)}"))
    return Answer(editor_answer(f"word{number}:", f"word{number + 20}:"))


def capped(author, cap, **fields):
    return started(author, roles=PAIR, body=TEXT, model="gpt-4o", max_rounds=3, cap_credits=cap, **fields)


def written(session):
    session.document.refresh_from_db()
    return session.document.body


def waits_at_cap(session):
    return (session.status, session.reason_code) == (Status.AWAITING_CREDITS, "cap")


def test_a_capped_run_ends_with_the_text_of_an_uncapped_one(author, models):
    models.script = by_round
    whole = drive(capped(author, None))
    turns = whole.turns.count()
    session, caps, was_cut = drive(capped(author, FIRST)), [FIRST], False
    while session.status != Status.COMPLETED:
        assert waits_at_cap(session), session.reason
        assert session.spent <= caps[-1]
        assert figures(author)[1] == 0
        assert session.document.lock_holder is None
        suspended = session.turns.filter(status=TurnStatus.SUSPENDED).first()
        was_cut = was_cut or (suspended is not None and suspended.is_short and bool(suspended.partial))
        caps.append(caps[-1] + 1)
        session = drive(raise_cap(session_id=session.pk, user=author, cap=caps[-1]))
        assert session.spent <= caps[-1]
    assert len(caps) >= 4
    assert was_cut, "at least once the cap was met in the middle of a text"
    assert (written(session), session.turns.count()) == (written(whole), turns)
    assert [turn.outcome for turn in session.turns.all()] == ["completed"] * turns


def test_it_goes_on_from_the_same_word(author, models):
    models.script = by_round
    session = drive(capped(author, FIRST))
    turn = session.turns.get()
    assert (waits_at_cap(session), turn.status, turn.is_short) == (True, TurnStatus.SUSPENDED, True)
    part, paid = turn.partial, turn.credits
    assert part.startswith("<document>\nword0:lorem")
    assert session.spent == paid <= FIRST
    session = raise_cap(session_id=session.pk, user=author, cap=40)
    assert session.status == Status.RUNNING
    drive(session, turns=1)
    assert models.log[1].body["messages"][2]["content"] == part
    turn.refresh_from_db()
    assert (turn.status, turn.is_short) == (TurnStatus.FINISHED, False)
    assert turn.output.startswith(part)


def test_what_is_left_of_a_begun_credit_is_used_under_the_cap(author, models):
    """A small run costs one credit in all: a cap of one carries it to its end."""
    session = drive(started(author, cap_credits=1))
    assert (session.status, session.spent) == (Status.COMPLETED, 1)


def test_what_the_session_was_quoted_at_most_is_a_cap_that_carries_it(author, models):
    models.script = by_round
    quoted = capped(author, None).quote.most
    assert drive(capped(author, quoted)).status == Status.COMPLETED


@pytest.mark.parametrize("cap", [5, 6, 9])
def test_a_provider_that_counts_too_much_does_not_pass_the_cap(author, models, cap):
    """A05, under a cap."""
    models.script = lambda received: Answer(by_round(received).text, usage_factor=3.0)
    session = drive(capped(author, cap))
    assert session.spent <= cap
    assert sum(session.turns.values_list("absorbed", flat=True)) > 0


def test_a_cap_that_is_still_in_the_way_keeps_it_waiting(author, models):
    models.script = by_round
    session = drive(capped(author, FIRST))
    session = raise_cap(session_id=session.pk, user=author, cap=FIRST + 1)
    assert waits_at_cap(session)
    assert session.turns.get().partial
    assert f"the session's cap leaves {FIRST + 1 - session.spent}. Raise the cap" in session.reason
    assert resume(session_id=session.pk, user=author).status == Status.AWAITING_CREDITS


def test_without_a_cap_it_goes_on(author, models):
    models.script = by_round
    session = drive(capped(author, FIRST))
    assert drive(raise_cap(session_id=session.pk, user=author, cap=None)).status == Status.COMPLETED


def test_a_running_session_takes_the_new_cap_at_its_next_step(author, models):
    models.script = by_round
    session = capped(author, 6)
    raise_cap(session_id=session.pk, user=author, cap=60)
    assert drive(session).status == Status.COMPLETED


@pytest.mark.parametrize("below", [1, 0, -3])
def test_a_cap_below_what_is_spent_and_held_is_refused(author, models, below):
    models.script = by_round
    session = drive(capped(author, 40), turns=1)
    spent, held = session.spent, figures(author)[1]
    assert spent > 0 < held
    least = spent + held
    before = Session.objects.values().get(pk=session.pk)
    asked = below if below < 1 else least - 1
    with pytest.raises(Invalid, match=f"cannot be below {least}: {spent} spent and {held} held"):
        raise_cap(session_id=session.pk, user=author, cap=asked)
    assert Session.objects.values().get(pk=session.pk) == before
    assert raise_cap(session_id=session.pk, user=author, cap=least).cap_credits == least


def test_an_absurd_cap_is_refused(author, models):
    with pytest.raises(Invalid, match="cannot be above"):
        raise_cap(session_id=draft(author).pk, user=author, cap=10**18)


def test_an_ended_session_takes_no_cap(author, models):
    session = started(author)
    stop(session_id=session.pk, user=author)
    with pytest.raises(Conflict):
        raise_cap(session_id=session.pk, user=author, cap=9)


def test_strangers_raise_nothing(author, models):
    session = started(author, cap_credits=3)
    with pytest.raises(Missing):
        raise_cap(session_id=session.pk, user=open_account("charlie"), cap=9)
    session.refresh_from_db()
    assert session.cap_credits == 3


def test_going_on_counts_as_a_job_and_the_old_cap_stays(author, models):
    models.script = by_round
    session = drive(capped(author, FIRST))
    for _ in range(5):
        started(author)
    with pytest.raises(TooMany, match="at once"):
        raise_cap(session_id=session.pk, user=author, cap=60)
    session.refresh_from_db()
    assert (session.cap_credits, session.status) == (FIRST, Status.AWAITING_CREDITS)


def test_what_others_hold_is_not_given_away_twice(author, models):
    """A turn that goes on beside another is held within what the other's hold leaves of the cap."""
    session = started(author, roles=("writer",), cap_credits=5)
    turn, price = session.turns.get(), charging.price_of(session, session.turns.get().multiplier)
    assert (turn.hold_amount, session.cap_left) == (1, 5)
    step = Ceiling(0, 1, price.weigh(0, 180_000), price.weigh(0, 180_000), price)
    with pytest.raises(CannotPay) as refused:
        charging.hold_for(session, [(turn, step)])
    assert (refused.value.needed, refused.value.available) == (5, 4)


@pytest.mark.parametrize(
    "times", [pytest.param(2, id="fast"), pytest.param(12, marks=pytest.mark.slow, id="full")]
)
def test_a_cap_raised_at_the_moment_of_the_pause(author, models, times):
    models.script = by_round
    for _ in range(times):
        session = capped(author, FIRST)
        pk = session.pk
        results = race(
            lambda session=session: drive(Session.objects.get(pk=session.pk)),
            lambda pk=pk: raise_cap(session_id=pk, user=author, cap=60),
        )
        assert not [result for result in results if isinstance(result, Exception)]
        session = drive(session)
        assert session.status == Status.COMPLETED
        assert session.spent <= 60
    assert figures(author)[1] == 0


def test_a_pause_taken_back_that_the_cap_cannot_carry_waits_its_turn(author, models):
    """Of two editors one works and one was put aside: the cap carries the second only after the first."""
    models.script = by_round
    team = ("writer", "style_editor", "content_expert")
    session = drive(started(author, roles=team, body=TEXT, model="gpt-4o", cap_credits=40), turns=1)
    first, second = session.turns.filter(phase=2)
    leases.claim(turn_id=first.pk, worker="busy")
    pause(session_id=session.pk, user=author)
    cap = session.spent + first.hold_amount
    Session.objects.update(cap_credits=cap)
    assert resume(session_id=session.pk, user=author).status == Status.RUNNING
    second.refresh_from_db()
    assert second.status == TurnStatus.SUSPENDED
    Turn.objects.filter(pk=first.pk).update(lease_until="2020-01-01T00:00Z")
    session = drive(session)
    assert waits_at_cap(session)
    assert session.spent <= cap
    session = raise_cap(session_id=session.pk, user=author, cap=40)
    assert drive(session).status == Status.COMPLETED


def test_after_a_pause_the_answer_has_all_the_room_that_is_held(author, models):
    """What was written before the hold is not taken off twice."""
    models.script = lambda received: Answer(writer_answer(TEXT * 2))
    session = started(author, roles=("writer",), body=TEXT, model="gpt-4o")
    pause(session_id=session.pk, user=author)
    part = f"<document>\n{TEXT}{TEXT[:30_000]}"
    Turn.objects.update(partial=part, resumed_from=len(part))
    resume(session_id=session.pk, user=author)
    turn = Turn.objects.get()
    left = turn.max_output - estimate(part)
    drive(session)
    assert models.log[0].body["max_tokens"] == left > 500
    assert turn.hold_amount * 10_000 >= estimate(part) + left


# Credits that run out, and come back


def test_two_sessions_compete_for_the_last_credits(author, models):
    models.script = by_round
    pairs = [started(author, roles=("writer",), body=TEXT, model="gpt-4o", max_rounds=2) for _ in range(2)]
    take_all(author)
    give(author, 1)
    assert race(*(lambda s=s: drive(Session.objects.get(pk=s.pk)) for s in pairs)) is not None
    for session in pairs:
        session.refresh_from_db()
    first_needs = min(session.needed_credits for session in pairs)
    assert {session.status for session in pairs} == {Status.AWAITING_CREDITS}
    available, held = figures(author)
    assert (held, available < first_needs) == (0, True)
    give(author, first_needs - available, key="for one")
    assert race(reaper.wake_paid, reaper.wake_paid).count(1) == 1
    for session in pairs:
        session.refresh_from_db()
    assert sorted(session.status for session in pairs) == [Status.AWAITING_CREDITS, Status.RUNNING]
    give(author, 40, key="for both")
    reaper.wake_paid()
    assert [drive(session).status for session in pairs] == [Status.COMPLETED] * 2


def test_who_cannot_pay_after_all_is_told_nothing_new(author, models):
    session = started(author)
    take_all(author)
    session = drive(session)
    Session.objects.update(needed_credits=session.needed_credits)
    Wallet.objects.filter(owner=author).update(available=0)
    told = session.stamp
    assert reaper.wake_paid() == 0
    session.refresh_from_db()
    assert (session.status, session.stamp) == (Status.AWAITING_CREDITS, told)


@pytest.fixture
def rung(monkeypatch):
    """The wallets that were rung for."""
    wallets = []
    monkeypatch.setattr("orchestration.receivers.ring_for_wallet", wallets.append)
    return wallets


def test_credits_that_arrive_ring_for_who_waits(author, models, rung):
    session = started(author)
    take_all(author)
    drive(session)
    assert rung == []
    give(author, 20)
    assert rung == [author.wallet.pk]
    wake_paid(author.wallet.pk)
    assert drive(session).status == Status.COMPLETED
    give(author, 5, key="again")
    assert rung == [author.wallet.pk], "nobody waits any more"


def test_a_wallet_wakes_only_its_own(author, models):
    bob = on_plan(open_account("bob"))
    sessions = {}
    for user in (author, bob):
        session = started(user)
        take_all(user)
        sessions[user] = drive(session)
        give(user, 20)
    assert reaper.wake_paid(wallet_id=bob.wallet.pk) == 1
    for user, status in ((author, Status.AWAITING_CREDITS), (bob, Status.RUNNING)):
        sessions[user].refresh_from_db()
        assert sessions[user].status == status


def test_one_that_cannot_go_on_does_not_keep_the_others(author, models):
    """Its text is at work in another session: it waits for that, and the next one in line wakes."""
    bob = on_plan(open_account("bob"))
    mine, theirs = started(author), started(bob)
    for user, session in ((author, mine), (bob, theirs)):
        take_all(user)
        drive(session)
        give(user, 30)
    mine.document.refresh_from_db()
    started(author, document=str(mine.document_id))
    assert reaper.wake_paid() == 1
    for session, status in ((mine, Status.AWAITING_CREDITS), (theirs, Status.RUNNING)):
        session.refresh_from_db()
        assert session.status == status


def test_as_many_wake_as_the_plan_carries(author, models):
    waiting = started(author)
    take_all(author)
    drive(waiting)
    give(author, 50)
    for _ in range(5):
        started(author)
    assert reaper.wake_paid() == 0
    stop(session_id=Session.objects.running().first().pk, user=author)
    assert reaper.wake_paid() == 1


def test_a_parked_wallet_pauses_and_does_not_fail(author, models):
    session = started(author)
    author.wallet.park(reason="tests")
    session = drive(session)
    assert (session.status, session.reason_code) == (Status.AWAITING_CREDITS, "credits")
    assert "being checked" in session.reason
    assert reaper.wake_paid() == 0
    author.wallet.unpark()
    assert reaper.wake_paid() == 1
    assert drive(session).status == Status.COMPLETED


def test_stopped_at_the_cap_it_keeps_what_was_written(author, models):
    models.script = by_round
    session = drive(capped(author, FIRST))
    part = session.turns.get().partial
    session = stop(session_id=session.pk, user=author)
    turn = session.turns.get()
    assert (session.status, turn.status, turn.output) == (Status.STOPPED, TurnStatus.CANCELLED, part)
    assert figures(author)[1] == 0


def test_paused_by_its_owner_it_meets_the_cap_when_it_goes_on(author, models):
    models.script = lambda received: Answer(by_round(received).text, delay=0.01)
    session = capped(author, 6)
    with working(session):
        wait_until(lambda: Turn.objects.exclude(partial="").exists())
        pause(session_id=session.pk, user=author)
    session.refresh_from_db()
    assert session.status == Status.PAUSED
    session = resume(session_id=session.pk, user=author)
    assert session.spent <= 6
    assert drive(session).spent <= 6
