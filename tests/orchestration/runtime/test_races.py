"""What happens at the same moment happens once."""

import inspect
import threading
import time
import uuid
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection
from kombu import pools

from config.celery import app
from config.common import valkey
from credits.models import Hold
from orchestration import admission
from orchestration.models import Turn
from orchestration.runtime import dispatch, finishing, leases, reaper, worker
from orchestration.runtime.leases import LostLease
from orchestration.runtime.results import Result
from orchestration.services import pause, resume, start_session, stop
from orchestration.workflow.terms import Status, TurnStatus
from tests.support.providers import Answer, by_role, editor_answer
from tests.support.sessions import draft, drive, figures, race, started, wait_until, working

pytestmark = pytest.mark.usefixtures("sound")


def run_all(turns):
    return race(*(lambda turn=turn: worker.run(turn_id=turn.pk, worker="race") for turn in turns))


def test_the_last_editor_opens_the_synthesis_once(author, models):
    for _ in range(6):
        session = started(author)
        drive(session, turns=1)
        assert run_all(session.turns.filter(phase=2)) == [True, True]
        assert session.turns.filter(phase=3).count() == 1
        session.refresh_from_db()
        assert (session.phase, session.status) == (3, Status.RUNNING)
        assert drive(session).status == Status.COMPLETED


def test_many_editors_number_their_findings_without_collision(author, models):
    models.script = by_role(
        editor=editor_answer("the sea", "the boy"), style_editor=editor_answer("the sea", "the keeper")
    )
    session = started(author, roles=("writer", "editor", "editor", "style_editor"))
    drive(session, turns=1)
    run_all(session.turns.filter(phase=2))
    assert list(session.findings.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_one_turn_has_one_worker(author, models):
    session = started(author, roles=("writer",))
    turn = Turn.objects.get()
    results = race(*[lambda: worker.run(turn_id=turn.pk, worker="race")] * 6)
    assert sorted(results) == [False] * 5 + [True]
    assert len(models.log) == 1
    session.refresh_from_db()
    assert session.spent == 1


def test_a_session_starts_once(author, models):
    before = figures(author)
    session = draft(author)
    results = race(*[lambda: start_session(session_id=session.pk, user=author)] * 6)
    assert {result.status for result in results} == {Status.RUNNING}
    assert Turn.objects.count() == 1
    assert before[0] - figures(author)[0] == figures(author)[1] == Turn.objects.get().hold_amount


def test_as_many_run_as_the_plan_carries(author, models):
    sessions = [draft(author) for _ in range(8)]
    results = race(*(lambda s=s: start_session(session_id=s.pk, user=author) for s in sessions))
    assert sum(not isinstance(result, Exception) for result in results) == 5
    assert {result.code for result in results if isinstance(result, Exception)} == {"too_many_jobs"}


def test_without_the_lock_more_would_run_than_the_plan_carries(author, models, monkeypatch):
    """The control: the same race, with the owner's lock left out and everybody past the count at once."""
    sessions = [draft(author) for _ in range(8)]
    gate, require_place = threading.Barrier(8), admission.require_place

    def together(*, user):
        require_place(user=user)
        gate.wait(timeout=30)

    monkeypatch.setattr("orchestration.services.start.hold_still", lambda user: None)
    monkeypatch.setattr(admission, "require_place", together)
    results = race(*(lambda s=s: start_session(session_id=s.pk, user=author) for s in sessions))
    assert sum(not isinstance(result, Exception) for result in results) == 8


@pytest.mark.parametrize("act", [pause, stop])
def test_a_wish_at_the_moment_of_finishing(author, models, act):
    for _ in range(8):
        session = started(author, roles=("writer", "style_editor"))
        turn = session.turns.get()
        race(
            lambda turn=turn: worker.run(turn_id=turn.pk, worker="race"),
            lambda session=session: act(session_id=session.pk, user=author),
        )
        session.refresh_from_db()
        assert session.status in {Status.PAUSED, Status.STOPPED}
        if session.status == Status.PAUSED:
            resume(session_id=session.pk, user=author)
            assert drive(session).status == Status.COMPLETED
    assert figures(author)[1] == 0


def test_a_zombie_writes_nothing(author, models):
    session = started(author, roles=("writer",))
    turn = Turn.objects.get()
    zombie = leases.claim(turn_id=turn.pk, worker="zombie")
    Turn.objects.update(lease_until="2020-01-01T00:00Z")
    assert drive(session).status == Status.COMPLETED
    told = session.stamp
    with pytest.raises(LostLease):
        finishing.finish(zombie, Result(text="<document>Zombie.</document>"))
    session.refresh_from_db()
    assert (session.stamp, session.document.current_number) == (told, 2)


def test_a_zombie_writes_nothing_while_another_works(author, models):
    started(author, roles=("writer",))
    turn = Turn.objects.get()
    zombie = leases.claim(turn_id=turn.pk, worker="zombie")
    Turn.objects.update(lease_until="2020-01-01T00:00Z")
    assert leases.claim(turn_id=turn.pk, worker="another").attempt == 2
    with pytest.raises(LostLease):
        finishing.finish(zombie, Result(text="<document>Zombie.</document>"))
    turn.refresh_from_db()
    assert (turn.status, turn.worker, turn.settled_holds) == ("running", "another", 0)
    finishing.finish(replace(zombie, attempt=2), Result(text="", error="That is enough."))


def test_a_kernel_without_fencing_is_caught(author, models, monkeypatch):
    """The mutant: any attempt may finish a turn that runs."""
    text, fence = inspect.getsource(finishing._locked), "turn.attempt != held.attempt or "
    assert fence in text
    unfenced = dict(vars(finishing))
    exec(text.replace(fence, ""), unfenced)  # noqa: S102
    monkeypatch.setattr(finishing, "_locked", unfenced["_locked"])
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_a_zombie_writes_nothing_while_another_works(author, models)


@pytest.fixture
def heard(monkeypatch):
    """For each doorbell, whether another connection found the turn when it rang."""
    found = []

    def listen(turn_ids):
        found.extend(race(*[lambda pk=pk: Turn.objects.filter(pk=pk).exists() for pk in turn_ids]))

    monkeypatch.setattr(dispatch, "ring", listen)
    return found


def test_a_doorbell_rings_when_its_turn_can_be_seen(author, models, heard):
    drive(started(author))
    assert heard == [True] * 4


def test_a_doorbell_rung_too_early_is_caught(author, models, heard, monkeypatch):
    """The mutant: rung inside the transaction."""
    monkeypatch.setattr(dispatch.transaction, "on_commit", lambda act, **_: act())
    with pytest.raises(AssertionError):
        test_a_doorbell_rings_when_its_turn_can_be_seen(author, models, heard)


def test_lost_workers_are_taken_over_on_the_same_hold(author, models):
    session = started(author, roles=("writer",))
    held = leases.claim(turn_id=Turn.objects.get().pk, worker="lost")
    leases.renew(held, partial="<document>\nA better ")
    hold = Turn.objects.get().hold_id
    assert reaper.ring_runnable() == 0
    Turn.objects.update(lease_until="2020-01-01T00:00Z")
    assert reaper.ring_runnable() == 1
    assert reaper.ring_runnable() == 0
    session = drive(session)
    turn = Turn.objects.get()
    assert (turn.status, turn.attempt, turn.output[:20]) == ("finished", 2, "<document>\nA better ")
    assert turn.credits == session.spent == 1
    assert list(turn.requests.values_list("attempt", "status").order_by("attempt")) == [
        (1, "lost"),
        (2, "ok"),
    ]
    assert Hold.objects.get(pk=hold).settled == 1
    assert Hold.objects.count() == 1


def test_a_turn_that_kills_its_workers_is_given_up_and_released(author, models):
    before = figures(author)
    session = started(author, roles=("writer",))
    turn = Turn.objects.get()
    for _ in range(3):
        assert leases.claim(turn_id=turn.pk, worker="poisoned") is not None
        Turn.objects.update(lease_until="2020-01-01T00:00Z")
    session = drive(session)
    turn.refresh_from_db()
    assert (session.status, turn.status, turn.credits) == (Status.FAILED, TurnStatus.FAILED, 0)
    assert "lost 3 times" in turn.reason
    assert models.log == []
    assert figures(author) == before


def test_progress_forgives_lost_workers(author, models):
    session = started(author, roles=("writer",))
    turn, text = Turn.objects.get(), ""
    for _ in range(6):
        held = leases.claim(turn_id=turn.pk, worker="unlucky")
        assert held.crashes <= 1
        text += "more "
        leases.renew(held, partial=text)
        Turn.objects.update(lease_until="2020-01-01T00:00Z")
    assert drive(session).status == Status.COMPLETED


def test_workers_that_were_told_to_end_are_not_held_against_the_turn(author, models):
    session = started(author, roles=("writer",))
    turn = Turn.objects.get()
    for _ in range(5):
        held = leases.claim(turn_id=turn.pk, worker="deployed")
        assert held.crashes <= 1
        leases.let_go(held, partial="")
    assert drive(session).status == Status.COMPLETED


def test_the_first_words_of_every_attempt_are_saved_at_once(author, models, monkeypatch):
    """A worker that took over and was lost in its first second is not one more lost without a word."""
    monkeypatch.setattr(worker, "RENEW_SECONDS", 60)
    models.script = by_role(writer=Answer("<document>Once upon a time", hang_after=2))
    session = started(author, roles=("writer",))
    before = "<document>Before"
    Turn.objects.update(status="running", attempt=1, lease_until="2020-01-01T00:00Z", partial=before)
    with working(session):
        wait_until(lambda: Turn.objects.get().partial.startswith(f"{before}<"))
        monkeypatch.undo()
        stop(session_id=session.pk, user=author)


def test_a_second_standing_turn_is_refused(author, models):
    turn = Turn.objects.get(session=started(author))
    turn.pk = uuid.uuid4()
    with pytest.raises(IntegrityError, match="orchestration_turn_one_standing"):
        turn.save(force_insert=True)


def test_a_run_with_nothing_to_run_is_moved_on(author, models):
    session = started(author, roles=("writer",))
    with connection.cursor() as cursor:
        # What no code path leaves behind: the turn is over, and nobody looked what follows.
        drive(session)
        cursor.execute(
            "UPDATE orchestration_session SET status = 'running', ended_at = NULL WHERE id = %s", [session.pk]
        )
    assert reaper.unstick() == 1
    session.refresh_from_db()
    assert session.status == Status.COMPLETED


@pytest.fixture
def no_broker(monkeypatch):
    """Nothing answers where the broker should be; what was learnt of that is forgotten afterwards."""

    def forget_connections():
        pools.reset()
        app._pool = app.amqp._producer_pool = None

    monkeypatch.setattr(valkey, "_silent_until", 0.0)
    with monkeypatch.context() as patched:
        patched.setattr(app.conf, "broker_url", "redis+socket:///nonexistent/valkey.sock")
        forget_connections()
        yield
    forget_connections()


def test_the_studio_survives_a_broker_that_is_away(author, models, no_broker):
    began = time.monotonic()
    session = started(author, roles=("writer",))
    assert time.monotonic() - began < 3
    assert drive(session).status == Status.COMPLETED


def test_a_hanging_provider_keeps_its_lease_and_hears_the_owner(author, models):
    models.script = by_role(writer=Answer("x", first_delay=30))
    session = started(author, roles=("writer",))
    with working(session):
        wait_until(lambda: models.log)
        first = Turn.objects.get().lease_until
        wait_until(lambda: Turn.objects.get().lease_until > first)
        stop(session_id=session.pk, user=author)
    session.refresh_from_db()
    assert (session.status, session.spent) == (Status.STOPPED, 0)
