"""Sessions on the living product: real web, worker and beat, killed in the middle."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from rest_framework_simplejwt.tokens import AccessToken

from orchestration.context import material_for
from orchestration.models import AIRequest, Session, Turn
from orchestration.providers.house.voice import answer
from orchestration.providers.house_provider import house_request
from orchestration.workflow.terms import Status
from tests.support.sessions import draft, figures, started, wait_until
from tests.support.streams import read_events

pytestmark = [pytest.mark.usefixtures("live_stack", "sound"), pytest.mark.timeout(180)]
TEXT = "\n\n".join(
    f"In order to know the sea, the keeper wrote down the weather of day {number}. It was seen by the boy."
    for number in range(90)
)


def finished(session, seconds=90):
    wait_until(lambda: Session.objects.get(pk=session.pk).is_ended, seconds)
    return Session.objects.get(pk=session.pk)


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_worker(stack):
    """Kill the whole worker, children first, as a machine that loses power would."""
    pid = stack.pid("worker")
    for child in children_of(pid):
        os.kill(child, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)


def kill_the_child_at_work(stack):
    """Kill the pool process that works on the turn."""
    pid = int(Turn.objects.get().worker.rpartition(":")[2])
    assert pid in children_of(stack.pid("worker"))
    os.kill(pid, signal.SIGKILL)


def test_a_session_runs_by_itself_and_is_followed_over_http(author, live_stack):
    session = started(author, body=TEXT, model="house", max_rounds=2)
    headers = {"Authorization": f"Bearer {AccessToken.for_user(author)}"}
    url = f"{live_stack.url}/api/v1/sessions/{session.pk}/events"
    with httpx.stream("GET", url, headers=headers, timeout=60) as response:
        body = b"".join(response.iter_bytes())
    assert response.headers["content-type"].startswith("text/event-stream"), body
    events = read_events(body)
    assert [event.kind for event in events[:1] + events[-1:]] == ["snapshot", "done"]
    session = finished(session)
    assert session.status == Status.COMPLETED
    written = {turn["id"]: turn["text"] for turn in events[0].data["turns"] if "text" in turn}
    for event in events[1:]:
        if event.kind == "turn_started":
            written.setdefault(event.data["turn"], "")
        elif event.kind == "token":
            written[event.data["turn"]] += event.data["text"]
    assert len(written) >= 6
    for turn in session.turns.filter(pk__in=written).select_related("role"):
        assert written[str(turn.pk)] == turn.text
    numbers = [event.number for event in events[:-1]]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("kill", [kill_worker, kill_the_child_at_work])
def test_a_killed_worker_loses_and_charges_nothing(author, live_stack, kill):
    before, _ = figures(author)
    session = started(author, body=TEXT, model="house", roles=("writer", "style_editor"))
    wait_until(lambda: len(Turn.objects.get(phase=1).partial) > 500, 60)
    kill(live_stack)
    # How long this takes on a machine with nothing else to do is measured in tests/faults.
    wait_until(lambda: Turn.objects.get(phase=1).attempt >= 2, 60)
    session = finished(session)
    assert session.status == Status.COMPLETED
    writer = session.turns.get(phase=1)
    material = replace(material_for(session, writer.role, turn=writer), findings=())
    assert writer.output == "".join(answer(house_request(material)))
    assert session.document.body == writer.text
    assert AIRequest.objects.filter(turn=writer, status="lost").exists()
    assert before - figures(author)[0] == session.spent


def test_a_start_by_api_needs_no_worker_to_be_there_yet(author, live_stack):
    kill_worker(live_stack)
    session = started(author, model="house", roles=("writer",))
    assert finished(session).status == Status.COMPLETED


def test_drafts_do_nothing(author, live_stack):
    session = draft(author, model="house")
    time.sleep(0.5)
    session.refresh_from_db()
    assert session.status == Status.DRAFT
