"""A doorbell that is not heard, or heard often, changes nothing: the database knows what must run."""

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from credits.models import UsageRecord
from orchestration.models import AIRequest, Session, Turn
from orchestration.runtime.dispatch import ring
from orchestration.services import start_session
from tests.faults.chaos import without_valkey
from tests.faults.clients import as_program
from tests.faults.runs import all_over, assert_ledger_whole, assert_settled_to_the_credit, begin, writers
from tests.support.sessions import draft

ROOT = Path(__file__).parents[2]
APPS = ("accounts", "credits", "billing", "objects", "orchestration", "adminpanel", "config")
CLAIMED_SECONDS = 15.0
ANSWER_SECONDS = 3.0
PAIR = ("writer", "style_editor")


def test_tasks_are_rung_for_in_one_place_only() -> None:
    """What is enqueued inside a transaction is looked for before it is there: three modules ring, on commit;
    the clock's tasks share out work that stands for itself, outside of any.
    """
    found = {
        f"{path.relative_to(ROOT)}: {node.func.attr}"
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"delay", "apply_async", "send_task", "signature"}
    }
    assert found == {
        "accounts/notifications/bell.py: apply_async",
        "billing/ringing.py: apply_async",
        "credits/tasks.py: apply_async",
        "orchestration/runtime/dispatch.py: apply_async",
    }


def test_a_doorbell_heard_often_has_one_effect(unhurried) -> None:
    [owner] = writers(1)
    session = begin(owner, roles=PAIR)
    while not all_over([session]):
        ring([str(pk) for pk in session.turns.values_list("pk", flat=True)] * 3)
        time.sleep(0.3)
    ring([str(pk) for pk in session.turns.values_list("pk", flat=True)] * 3)
    time.sleep(0.5)
    turns = list(session.turns.all())
    assert {(turn.attempt, turn.settled_holds) for turn in turns} == {(1, 1)}
    assert AIRequest.objects.filter(turn__in=turns, status="ok").count() == AIRequest.objects.count() == 2
    assert UsageRecord.objects.filter(reference_kind="turn").count() == 2
    session.refresh_from_db()
    assert_settled_to_the_credit(session)


def test_a_process_that_dies_before_it_rings_loses_nothing(unhurried) -> None:
    """A21."""
    _die_before_ringing(unhurried, deaths=2)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_processes_that_die_before_they_ring_lose_nothing(unhurried) -> None:
    """A21: fifty of them as a web process between its commit and the doorbell."""
    for _ in range(5):
        _die_before_ringing(unhurried, deaths=20)


def _die_before_ringing(stack, *, deaths: int) -> None:
    """Half of them die after a start was committed, half after a turn was finished."""
    owners = writers(deaths // 2, name=f"writer{Session.objects.count()}-")
    started, worked = ([draft(owner, roles=PAIR, model="house") for owner in owners] for _ in "12")
    dying = [_process(stack, "start", started), _process(stack, "work", worked)]
    for process in dying:
        output, _ = process.communicate(timeout=100)
        assert process.returncode == 0, output
    sessions = started + worked
    stack.wait(lambda: all_over(sessions), "the runs")
    turns = Turn.objects.filter(session__in=sessions)
    waited = max((turn.started_at - turn.created_at).total_seconds() for turn in turns)
    print(f"{deaths} processes died before they rang: no turn waited longer than {waited:.1f} s")
    assert waited <= CLAIMED_SECONDS
    _assert_completed(sessions)


def _process(stack, verb: str, sessions: list[Session]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.dying", verb, *(str(session.pk) for session in sessions)],
        cwd=ROOT,
        env={**os.environ, **stack.environ, "HOUSE_WORDS_PER_SECOND": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("fate", ["killed", "frozen"])
def test_starts_while_valkey_is_down_are_put_off_at_once(unhurried, fate: str) -> None:
    """Nobody can count then how often: no start gets past its limit, none hangs, none leaves a hold."""
    owners = writers(2)
    drafts = [draft(owner, roles=("writer",), model="house") for owner in owners * 2]
    with without_valkey(unhurried, fate):
        answers = [_start(unhurried, session) for session in drafts]
    print(f"Valkey {fate}: answered after {', '.join(f'{seconds:.1f} s' for _, seconds in answers)}")
    assert {code for code, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) <= ANSWER_SECONDS
    assert not Turn.objects.filter(session__in=drafts).exists()
    assert_ledger_whole()
    unhurried.wait(lambda: all(_start(unhurried, session)[0] == 200 for session in drafts), "the starts")
    unhurried.wait(lambda: all_over(drafts), "the runs")
    _assert_completed(drafts)


@pytest.mark.parametrize("fate", ["killed", "frozen"])
def test_runs_go_on_when_valkey_was_down(unhurried, fate: str) -> None:
    drafts = [draft(owner, roles=PAIR, model="house") for owner in writers(2)]
    for session in drafts:
        start_session(session_id=session.pk, user=session.owner)
    with without_valkey(unhurried, fate):
        time.sleep(1)
    unhurried.wait(lambda: all_over(drafts), "the runs")
    _assert_completed(drafts)


def _start(stack, session: Session) -> tuple[int, float]:
    """Start over the API; return the answer's status and the seconds it took."""
    began = time.monotonic()
    address = f"{stack.url}/api/v1/sessions/{session.pk}/start"
    answer = httpx.post(address, headers=as_program(session.owner), timeout=60)
    return answer.status_code, time.monotonic() - began


def _assert_completed(sessions: list[Session]) -> None:
    for session in sessions:
        session.refresh_from_db()
        assert session.status == "completed"
        assert_settled_to_the_credit(session)
