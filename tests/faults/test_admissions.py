"""A01 over HTTP: whoever starts more than the credits carry gets exactly what they carry."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from orchestration.services import start_session
from tests.faults.clients import as_program
from tests.faults.runs import all_over, assert_ledger_whole, assert_settled_to_the_credit
from tests.support.people import open_account
from tests.support.sessions import draft, figures, on_plan, take_all

THREADS = 16
CARRIED = 5


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("times", "attempts"),
    [pytest.param(1, 4, id="fast"), pytest.param(20, 40, marks=pytest.mark.slow, id="full")],
)
def test_parallel_starts_admit_exactly_what_the_credits_carry(live_stack, times: int, attempts: int) -> None:
    for number in range(times):
        _race(live_stack, on_plan(open_account(f"writer{number}"), "enterprise"), attempts)
    assert_ledger_whole()


def _race(stack, owner, attempts: int) -> None:
    """Each thread tries its two drafts again and again; the workers sleep, so that nothing is given back."""
    first, *drafts = [draft(owner, roles=("writer",), model="house") for _ in range(1 + 2 * THREADS)]
    workers = [*stack.pool(), stack.pid("worker")]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        start_session(session_id=first.pk, user=owner)
        held = figures(owner)[1]
        take_all(owner, leaving=CARRIED * held + held - 1)
        gate = threading.Barrier(THREADS)

        def start(place: int) -> list[tuple[str, int]]:
            mine = drafts[2 * place : 2 * place + 2]
            found = []
            with httpx.Client(base_url=stack.url, headers=as_program(owner), timeout=60) as http:
                gate.wait(timeout=60)
                for attempt in range(attempts):
                    pk = mine[attempt % 2].pk
                    found.append((str(pk), http.post(f"/api/v1/sessions/{pk}/start").status_code))
            return found

        with ThreadPoolExecutor(THREADS) as pool:
            answers = [answer for found in pool.map(start, range(THREADS)) for answer in found]
        left = figures(owner)
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    admitted = {pk for pk, code in answers if code == httpx.codes.OK}
    assert {code for _, code in answers} == {200, 402}
    assert len(answers) == THREADS * attempts
    assert len(admitted) == CARRIED
    assert left == (held - 1, (1 + CARRIED) * held)
    running = [first, *(session for session in drafts if str(session.pk) in admitted)]
    stack.wait(lambda: all_over(running), "the runs")
    for session in running:
        session.refresh_from_db()
        assert_settled_to_the_credit(session)
