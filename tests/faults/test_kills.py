"""A run survives whatever is killed: same text, same bill, and soon."""

import random
import time
from collections import Counter
from collections.abc import Callable
from itertools import cycle

import pytest

from orchestration.models import Session
from orchestration.runtime import dispatch
from tests.faults.chaos import Chaos, p95
from tests.faults.clients import Client, as_program, assert_saw_every_word
from tests.faults.runs import (
    Outcome,
    all_over,
    assert_ledger_whole,
    assert_settled_to_the_credit,
    begin,
    outcome,
    patiently,
    writers,
)
from tests.support.sessions import drive
from tests.support.stack import Stack

FEW = ["child", "broker emptied", "backend", "database"]
MANY = Counter(
    {
        "child": 15,
        "worker": 9,
        "backend": 8,
        "broker": 5,
        "broker emptied": 4,
        "beat": 3,
        "web": 3,
        "database": 3,
    }
)
RECOVERY_SECONDS = 15.0


ROUNDS = 2


@pytest.fixture
def undisturbed(unhurried, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """What the run brings when nothing happens: worked on at once, in this process."""
    [owner] = writers(1, name="undisturbed")
    with monkeypatch.context() as patch:
        patch.setattr(dispatch, "ring", lambda turn_ids: None)
        session = drive(begin(owner, rounds=ROUNDS))
    unhurried.wait(lambda: all_over([session]), "the undisturbed run")
    return outcome(session)


class Work:
    """Keeps several runs in flight, each with a reader, and knows all there were."""

    def __init__(self, stack: Stack, count: int) -> None:
        self._stack = stack
        self._owners = writers(count)
        self._next = cycle(self._owners)
        self.sessions: list[Session] = []
        self.readers: list[Client] = []

    def top_up(self) -> None:
        """Start runs until there are as many in flight as writers."""
        ended = patiently(lambda: set(Session.objects.ended().values_list("pk", flat=True)))
        while sum(session.pk not in ended for session in self.sessions) < len(self._owners):
            owner = next(self._next)
            self.sessions.append(begin(owner, rounds=ROUNDS))
            self.readers.append(Client(self._stack.url, self.sessions[-1], as_program(owner)))

    def get_under_way(self) -> None:
        """Return once at least two processes are at work; what ends before that is followed by more."""

        def is_under_way() -> bool:
            self.top_up()
            return len(self._stack.at_work()) >= 2

        self._stack.wait(is_under_way, "turns at work")


def test_runs_survive_five_kills(unhurried, undisturbed, dice: random.Random) -> None:
    work, chaos = Work(unhurried, 2), Chaos(unhurried, dice)
    # The worker last: while it starts again there is nothing else to kill.
    for kind in [*dice.sample(FEW, len(FEW)), "worker"]:
        work.get_under_way()
        # Time for a word: a turn whose worker is lost three times without one is given up, as it should be.
        time.sleep(dice.uniform(0.3, 1.0))
        strike = chaos.strike(kind)
        _watch(chaos, lambda strike=strike: strike.is_over, seconds=60)
    _conclude(chaos, work, undisturbed)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_runs_survive_fifty_kills(unhurried, undisturbed, dice: random.Random) -> None:
    work, chaos = Work(unhurried, 3), Chaos(unhurried, dice)
    for kind in dice.sample(list(MANY), counts=MANY.values(), k=MANY.total()):
        work.get_under_way()
        time.sleep(dice.uniform(0, 1.5))
        strike = chaos.strike(kind)
        _watch(chaos, lambda strike=strike: strike.is_over, seconds=60)
        print(f"{len(chaos.strikes):3} {kind:15} {strike.recovery:5.1f} s", flush=True)
    _conclude(chaos, work, undisturbed)
    assert p95([strike.recovery for strike in chaos.strikes]) <= RECOVERY_SECONDS


def _watch(chaos: Chaos, until: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not until():
        chaos.watch()
        time.sleep(0.1)


def _conclude(chaos: Chaos, work: Work, undisturbed: Outcome) -> None:
    """All runs end as if nothing had been, and are paid to the credit."""
    _watch(chaos, lambda: all_over(work.sessions), seconds=60)
    words = sum(len(reader.page.finished) for reader in work.readers)
    print(f"{len(work.sessions)} runs, {words} turns read to their end; {chaos.figures()}")
    assert all_over(work.sessions), chaos.stack.tail()
    assert [strike.kind for strike in chaos.strikes if not strike.is_over] == []
    for session, reader in zip(work.sessions, work.readers, strict=True):
        assert outcome(session) == undisturbed, session.reason
        assert_settled_to_the_credit(session)
        assert_saw_every_word(reader.result(), session, every_turn=False)
    assert_ledger_whole()
