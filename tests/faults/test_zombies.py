"""A worker that was frozen past its lease and wakes writes nothing: another has its turn."""

import os
import random
import signal
import time

import pytest

from orchestration.models import AIRequest, Session, Turn
from orchestration.workflow.terms import TurnStatus
from tests.faults.clients import Client, as_program, assert_saw_every_word
from tests.faults.runs import all_over, assert_settled_to_the_credit, begin, outcome, writers


def test_two_frozen_workers_write_nothing(unhurried, dice: random.Random) -> None:
    _freeze(unhurried, dice, writers(2))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_frozen_workers_write_nothing(unhurried, dice: random.Random) -> None:
    owners = writers(2)
    assert sum(_freeze(unhurried, dice, owners) for _ in range(10)) == 20


def _freeze(stack, dice: random.Random, owners) -> int:
    """Freeze the workers of two runs until others have their turns, wake them, and return how many."""
    sessions = [begin(owner, roles=("writer", "style_editor")) for owner in owners]
    watching = [
        Client(stack.url, session, as_program(owner)) for session, owner in zip(sessions, owners, strict=True)
    ]
    at_work = Turn.objects.filter(session__in=sessions, status=TurnStatus.RUNNING)
    stack.wait(lambda: at_work.exclude(partial="").count() == len(sessions), "both runs to write")
    time.sleep(dice.uniform(0, 0.5))
    frozen = stack.at_work()
    attempts = dict(at_work.values_list("pk", "attempt"))
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        stack.wait(lambda: at_work.filter(attempt=2).count() == len(sessions), "others to take over")
        time.sleep(dice.uniform(0, 0.5))
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    stack.wait(lambda: all_over(sessions), "the runs")
    for session, client in zip(sessions, watching, strict=True):
        _assert_worked_once(session)
        assert_saw_every_word(client.result(), session)
    assert outcome(sessions[0]) == outcome(sessions[1])
    for pk in attempts:
        said = f"Turn {pk} was taken over from attempt 1"
        stack.wait(lambda said=said: said in stack.log.read_text(), "the sleeper to notice", 15)
    return len(frozen)


def _assert_worked_once(session: Session) -> None:
    """The turn that was frozen was finished by its second attempt alone, and charged once."""
    session.refresh_from_db()
    assert session.status == "completed"
    writer, editor = session.turns.all()
    assert (writer.attempt, editor.attempt) == (2, 1)
    assert (writer.settled_holds, writer.version_number) == (1, 2)
    requests = AIRequest.objects.filter(turn=writer).values_list("attempt", "status").order_by("attempt")
    assert list(requests) == [(1, "lost"), (2, "ok")]
    assert_settled_to_the_credit(session)
