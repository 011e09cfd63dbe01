"""The running product for tests: web, worker and beat as real processes on the test database."""

import os
import signal
import time
from collections import ChainMap
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import httpx
from django.conf import settings
from django.db import connection

from config.devserver import programs
from config.devserver.ports import listen
from config.devserver.supervisor import Supervisor
from tests.support import processes, timeshift
from tests.support.services import FOLDER, SERVICES

START_SECONDS = 60.0
WORKER_PROCESSES = 4
_PACE = "HOUSE_WORDS_PER_SECOND"


class Stack:
    """Web, worker and beat under the supervisor of `make run`: what dies is started again.

    `services` are the PostgreSQL and Valkey below them, to be killed and restarted by fault tests.
    """

    services = SERVICES

    def __init__(self) -> None:
        self.log = FOLDER / "log" / "live.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._lines = self.log.open("a", buffering=1)
        self._supervisor = Supervisor(lambda name, line: print(f"{name}: {line}", file=self._lines))
        self._sockets, port = listen(18000 + os.getpid() % 10000)
        self.url = f"http://localhost:{port}"
        self.environ: dict[str, str] = {}
        """What is added to the environment of each process of the product, from its next launch on."""

    def start(self) -> None:
        """Start everything and return when the web answers and the worker listens."""
        self.environ = {"SITE_URL": self.url, **_environment()}
        web = programs.web([listener.fileno() for listener in self._sockets])
        for program in (web, programs.worker(processes=WORKER_PROCESSES), programs.beat(FOLDER)):
            environ = ChainMap(self.environ, dict(program.environ))
            self._supervisor.keep(replace(program, environ=environ))
        httpx.get(f"{self.url}/accounts/login/", timeout=START_SECONDS).raise_for_status()
        self.wait(lambda: " ready." in self.log.read_text(), "the worker to listen")

    def pace(self, words_per_second: int) -> None:
        """Have the built-in analyst write so fast (0: at once) from the worker's next life, begun now."""
        self.environ[_PACE] = str(words_per_second)
        self.kill("worker")

    def relaunch(self) -> None:
        """Have web and worker begin anew, in the environment as it is now; return when the web answers."""
        self.kill("worker")
        self.kill("web")
        httpx.get(f"{self.url}/accounts/login/", timeout=START_SECONDS).raise_for_status()

    def move_clock(self, ahead: timedelta) -> None:
        """Have the product take the present moment for one that is `ahead` of the machine's."""
        said = timeshift.file(FOLDER / "live")
        said.parent.mkdir(parents=True, exist_ok=True)
        said.write_text(str(ahead.total_seconds()))

    def kill(self, name: str) -> None:
        """End "web", "worker" or "beat" the hard way; the supervisor brings it back."""
        os.kill(self.pid(name), signal.SIGKILL)

    def pool(self) -> list[int]:
        """Return the worker's pool processes (Linux), those at work first: a turn has a second thread."""
        found = processes.children(self.pid("worker"))
        return sorted(found, key=processes.threads, reverse=True)

    def at_work(self) -> list[int]:
        """Return the pool processes that work on a turn now."""
        return [pid for pid in self.pool() if processes.threads(pid) > 1]

    def stop(self) -> None:
        """Stop everything."""
        self._supervisor.stop()
        for listener in self._sockets:
            listener.close()
        self._lines.close()

    def pid(self, name: str) -> int:
        """Return the process id of "web", "worker" or "beat"; wait while it is being started again."""
        self.wait(lambda: self._supervisor.pid(name) is not None, f"{name} to run")
        found = self._supervisor.pid(name)
        assert found is not None
        return found

    def wait(self, condition: Callable[[], object], what: str, seconds: float = START_SECONDS) -> None:
        """Return once `condition` holds; fail with the end of the processes' log otherwise."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.05)
        raise AssertionError(f"Waited {seconds:.0f} s for {what}.\n{self.tail()}")

    def tail(self) -> str:
        """Return the last lines that the processes wrote."""
        return self.log.read_text()[-6000:]


def _environment() -> dict[str, str]:
    """Return what points the processes at the test database, and makes them accept this process's tokens."""
    database = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    return {
        "DATABASE_URL": urlunsplit(database._replace(path=f"/{name}")),
        "DJANGO_SETTINGS_MODULE": "tests.support.live_settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "VAR_DIR": str(FOLDER / "live"),
        _PACE: "0",
    }
