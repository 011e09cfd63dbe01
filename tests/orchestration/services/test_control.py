"""Pause, resume, stop, notes, caps: heeded at once, nothing lost, nothing charged twice."""

import time

import pytest

from config.common.errors import Conflict, Invalid, Missing, TooMany
from objects.services import save_document
from orchestration.models import Turn
from orchestration.services import add_note, pause, raise_cap, resume, stop
from orchestration.workflow.terms import Status, TurnStatus
from tests.support.people import open_account
from tests.support.providers import Answer, by_role, editor_answer, writer_answer
from tests.support.sessions import drive, figures, give, started, take_all, wait_until, working

pytestmark = pytest.mark.usefixtures("sound")
LONG = " ".join(f"word{number}" for number in range(400))


def begun(turn_role="writer"):
    """Whether a turn of that role has written something that is saved."""
    return Turn.objects.filter(role__role=turn_role, status="running").exclude(partial="").exists()


@pytest.fixture
def slow(models):
    models.script = by_role(writer=Answer(writer_answer(LONG), delay=0.01))
    return models


def test_pause_in_mid_sentence_and_go_on_from_there(author, slow):
    session = started(author, roles=("writer",))
    with working(session):
        wait_until(begun)
        asked = time.monotonic()
        pause(session_id=session.pk, user=author)
        wait_until(lambda: Turn.objects.get().status == TurnStatus.SUSPENDED)
        assert time.monotonic() - asked < 1.5
    session.refresh_from_db()
    turn = Turn.objects.get()
    assert (session.status, session.wish) == (Status.PAUSED, "")
    assert figures(author)[1] == 0
    assert session.spent == turn.credits == 1
    assert session.document.lock_holder is None
    part = turn.partial
    assert part.startswith("<document>\nword0 word1 ")
    assert slow.log[0].client_left
    resume(session_id=session.pk, user=author)
    drive(session)
    assert session.document.versions.get(number=2).body.strip() == LONG
    assert slow.log[1].body["messages"][2]["content"] == part
    turn.refresh_from_db()
    assert (turn.attempt, turn.status, turn.tokens_out >= slow.log[1].tokens_out) == (2, "finished", True)
    assert session.status == Status.COMPLETED


def test_what_a_pause_costs_is_what_the_provider_counted(author, slow):
    session = started(author, roles=("writer",))
    with working(session):
        wait_until(begun)
        pause(session_id=session.pk, user=author)
    turn, sent = Turn.objects.get(), slow.log[0]
    assert turn.tokens_in == pytest.approx(sent.tokens_in, rel=0.05)
    assert turn.tokens_out == pytest.approx(sent.tokens_out, rel=0.05, abs=6)


def test_a_text_edited_during_the_pause_is_not_overwritten(author, slow):
    session = started(author, roles=("writer",))
    with working(session):
        wait_until(begun)
        pause(session_id=session.pk, user=author)
    document = session.document
    document.refresh_from_db()
    save_document(
        document_id=document.pk, user=author, body="My own new text.", expected_revision=document.revision
    )
    resume(session_id=session.pk, user=author)
    turn = Turn.objects.get()
    assert (turn.partial, turn.base_number) == ("", 2)
    slow.script = by_role(writer=writer_answer("My own better text."))
    drive(session)
    assert "My own new text." in slow.log[1].body["messages"][1]["content"]
    assert len(slow.log[1].body["messages"]) == 2
    document.refresh_from_db()
    assert document.body.strip() == "My own better text."


def test_pause_before_any_worker_came(author, models):
    before = figures(author)
    session = started(author)
    session = pause(session_id=session.pk, user=author)
    assert session.status == Status.PAUSED
    assert figures(author) == before
    assert pause(session_id=session.pk, user=author).status == Status.PAUSED
    resume(session_id=session.pk, user=author)
    assert drive(session).status == Status.COMPLETED


def test_pause_between_phases_keeps_what_is_done(author, models):
    session = started(author)
    drive(session, turns=1)
    session = pause(session_id=session.pk, user=author)
    assert (session.status, session.phase) == (Status.PAUSED, 2)
    resume(session_id=session.pk, user=author)
    assert drive(session).status == Status.COMPLETED
    assert models.roles().count("writer") == 1


def test_a_pause_that_comes_with_the_last_word(author, models):
    session = started(author)
    models.script = by_role(writer=Answer(writer_answer("Text."), delay=0.05))
    with working(session):
        wait_until(lambda: models.log)
        time.sleep(0.4)
        pause(session_id=session.pk, user=author)
    session.refresh_from_db()
    assert session.status == Status.PAUSED
    resume(session_id=session.pk, user=author)
    assert drive(session).status == Status.COMPLETED


def test_a_wish_to_pause_can_be_taken_back(author, slow):
    session = started(author, roles=("writer",))
    with working(session):
        wait_until(begun)
        pause(session_id=session.pk, user=author)
        resume(session_id=session.pk, user=author)
    drive(session)
    session.refresh_from_db()
    assert session.status == Status.COMPLETED


def test_stop_in_mid_sentence(author, slow):
    session = started(author, roles=("writer",))
    with working(session):
        wait_until(begun)
        stop(session_id=session.pk, user=author)
    session.refresh_from_db()
    turn = Turn.objects.get()
    assert (session.status, session.reason_code) == (Status.STOPPED, "stopped")
    assert (turn.status, turn.outcome) == ("cancelled", "cancelled")
    assert turn.output.startswith("<document>")
    assert session.spent == 1
    assert figures(author)[1] == 0
    assert session.document.current_number == 1
    assert stop(session_id=session.pk, user=author).status == Status.STOPPED


@pytest.mark.parametrize("when", ["queued", "paused"])
def test_stop_while_nobody_works(author, models, when):
    before = figures(author)
    session = started(author)
    if when == "paused":
        pause(session_id=session.pk, user=author)
    session = stop(session_id=session.pk, user=author)
    assert session.status == Status.STOPPED
    assert figures(author) == before
    assert Turn.objects.get().status == TurnStatus.CANCELLED
    with pytest.raises(Conflict):
        resume(session_id=session.pk, user=author)


def test_notes_reach_the_turns_that_begin_after_them(author, models):
    models.script = by_role(style_editor=editor_answer("the sea"))
    session = started(author, roles=("writer", "style_editor"), max_rounds=2)
    drive(session, turns=1)
    add_note(session_id=session.pk, user=author, text="Keep the sea.")
    drive(session)
    told = ["Keep the sea." in call.body["messages"][1]["content"] for call in models.log]
    assert (models.roles(), told) == (
        ["writer", "style_editor", "writer", "style_editor"],
        [False, False, True, True],
    )


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_a_note_says_something_and_not_too_much(author, models, text):
    with pytest.raises(Invalid):
        add_note(session_id=started(author).pk, user=author, text=text)


def test_without_credits_it_waits_and_goes_on_by_itself(author, models):
    from orchestration.runtime import reaper

    session = started(author)
    take_all(author)
    session = drive(session)
    assert (session.status, session.reason_code, session.needed_credits) == ("awaiting_credits", "credits", 2)
    assert "2 credits" in session.reason
    assert session.document.lock_holder is None
    assert reaper.wake_paid() == 0
    give(author, 10)
    assert reaper.wake_paid() == 1
    assert drive(session).status == Status.COMPLETED
    assert models.roles().count("writer") == 1


def test_a_paused_turn_that_cannot_be_paid_waits_with_its_text(author, slow):
    session = started(author, roles=("writer",))
    with working(session):
        wait_until(begun)
        pause(session_id=session.pk, user=author)
    take_all(author)
    part = Turn.objects.get().partial
    session = resume(session_id=session.pk, user=author)
    assert (session.status, Turn.objects.get().partial) == (Status.AWAITING_CREDITS, part)
    give(author, 5)
    resume(session_id=session.pk, user=author)
    assert drive(session).status == Status.COMPLETED


def test_strangers_can_do_nothing(author, models):
    charlie, session = open_account("charlie"), started(author)
    for act in (pause, resume, stop):
        with pytest.raises(Missing):
            act(session_id=session.pk, user=charlie)
    with pytest.raises(Missing):
        add_note(session_id=session.pk, user=charlie, text="Hello.")
    with pytest.raises(Missing):
        raise_cap(session_id=session.pk, user=charlie, cap=None)
    session.refresh_from_db()
    assert session.status == Status.RUNNING


def test_resuming_counts_as_a_job(author, models):
    sessions = [started(author) for _ in range(5)]
    pause(session_id=sessions[0].pk, user=author)
    started(author)
    with pytest.raises(TooMany, match="at once"):
        resume(session_id=sessions[0].pk, user=author)
