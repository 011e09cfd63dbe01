"""Kills parts of the running product, and measures when the work that was under way is held again."""

import os
import random
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil

import redis
from django.conf import settings
from django.db import connection

from orchestration.models import Turn
from orchestration.runtime.timing import LEASE_SECONDS
from orchestration.workflow.terms import ACTIVE, TurnStatus
from tests.faults.runs import patiently
from tests.support import processes
from tests.support.stack import Stack

_DYING_SECONDS = 0.05
"""A killed process may still be heard of for so long: what it sent before."""


@dataclass(slots=True)
class Strike:
    """One kill: when it was, and which of the turns under way then are not yet in good hands again."""

    kind: str
    at: float
    waiting: set[uuid.UUID]
    recovery: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether every turn that was under way is done, or held under a lease given after the kill."""
        return not self.waiting


@dataclass(slots=True)
class Chaos:
    """The one who kills. Each kind in `kinds` takes something away that comes back by itself."""

    stack: Stack
    dice: random.Random
    strikes: list[Strike] = field(default_factory=list)

    @property
    def kinds(self) -> dict[str, Callable[[], None]]:
        """What can be done to the product, by name."""
        return {
            "child": self._kill_child,
            "worker": lambda: self.stack.kill("worker"),
            "beat": lambda: self.stack.kill("beat"),
            "web": lambda: self.stack.kill("web"),
            "broker": self._kill_broker,
            "broker emptied": self._empty_broker,
            "backend": self._cut_backend,
            "database": self._crash_database,
        }

    def strike(self, kind: str) -> Strike:
        """Do it, and begin to watch the turns that are queued or at work."""
        waiting = set(patiently(lambda: list(Turn.objects.active().values_list("pk", flat=True))))
        struck = Strike(kind, time.time(), waiting)
        self.strikes.append(struck)
        self.kinds[kind]()
        self.watch()
        return struck

    def watch(self) -> None:
        """Look which turns have recovered meanwhile."""
        open_ones = [strike for strike in self.strikes if not strike.is_over]
        wanted = set().union(*(strike.waiting for strike in open_ones))
        if not wanted:
            return
        rows = patiently(lambda: list(Turn.objects.filter(pk__in=wanted, status__in=ACTIVE)))
        now = time.time()
        at_work = {turn.pk: turn for turn in rows}
        for strike in open_ones:
            strike.waiting = {pk for pk in strike.waiting if pk in at_work and _is_lost(at_work[pk], strike)}
            if strike.is_over:
                strike.recovery = now - strike.at

    def figures(self) -> str:
        """Return the recoveries in words: of all, and by kind."""
        lines = [f"{len(self.strikes)} kills, recovery {_summary([s.recovery for s in self.strikes])}"]
        for kind in self.kinds:
            times = [strike.recovery for strike in self.strikes if strike.kind == kind]
            if times:
                lines.append(f"  {kind:15} {len(times):3} x  {_summary(times)}")
        return "\n".join(lines)

    def _kill_child(self) -> None:
        """Kill a pool process, one at work where there is one."""
        self.stack.wait(self.stack.pool, "a pool process to kill")  # a worker just started has none yet
        os.kill(self.dice.choice(self.stack.at_work() or self.stack.pool()), signal.SIGKILL)

    def _kill_broker(self) -> None:
        service = self.stack.services.valkey
        assert service is not None, "The test run uses a Valkey that is not its own."
        service.kill()
        service.restart()

    def _empty_broker(self) -> None:
        """Take everything the broker knew: queues, streams, caches."""
        self._kill_broker()
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.flushall()

    def _cut_backend(self) -> None:
        """End the database's side of a connection, one that a worker has where it can be told."""

        def cut() -> None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND query ILIKE '%%orchestration_turn%%'"
                )
                found = [pid for (pid,) in cursor.fetchall()]
                if found:
                    cursor.execute("SELECT pg_terminate_backend(%s)", [self.dice.choice(found)])

        patiently(cut)

    def _crash_database(self) -> None:
        """Have PostgreSQL go down at once, without a word to anyone, and recover from its log."""
        service = self.stack.services.postgres
        assert service is not None, "The test run uses a PostgreSQL that is not its own."
        pid = service.pid
        os.kill(pid, signal.SIGQUIT)
        assert processes.soon(lambda: processes.gone(pid), 20)
        service.kill()
        service.restart()


def p95(times: list[float]) -> float:
    """Return the time within which 95 of 100 were done (nearest rank)."""
    return sorted(times)[ceil(0.95 * len(times)) - 1]


def _is_lost(turn: Turn, strike: Strike) -> bool:
    """Whether nobody has shown, since the kill, that they work on the turn."""
    if turn.status != TurnStatus.RUNNING or turn.lease_until is None:
        return True
    given_at = turn.lease_until.timestamp() - LEASE_SECONDS
    return given_at < strike.at + _DYING_SECONDS


def _summary(times: list[float]) -> str:
    ordered = sorted(times)
    return f"p50 {ordered[len(ordered) // 2]:.1f} s, p95 {p95(times):.1f} s, longest {ordered[-1]:.1f} s"


@contextmanager
def without_valkey(stack: Stack, fate: str) -> Iterator[None]:
    """Have Valkey "killed" or "frozen" meanwhile."""
    service = stack.services.valkey
    if fate == "killed":
        service.kill()
    else:
        os.kill(service.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        if fate == "killed":
            service.restart()
        else:
            os.kill(service.pid, signal.SIGCONT)
