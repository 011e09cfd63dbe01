"""Servers of one row: the product under its own supervisor, or another program on a port of its own."""

import contextlib
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from bench.ground import ROOT
from config.devserver import programs
from config.devserver.ports import listen
from config.devserver.supervisor import Program, Supervisor

FIRST_PORT = 21000


class Servers:
    """Starts servers, knows their ports and process ids, and keeps what they wrote."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._lines = log.open("a", buffering=1)
        self._supervisor = Supervisor(lambda name, line: print(f"{name}: {line}", file=self._lines))
        self._sockets: list[socket.socket] = []

    def product(self, environ: Mapping[str, str] | None = None) -> int:
        """Start the web process as `make run` does; return its port once it has answered."""
        return self._serve(programs.web, environ, "/accounts/login/")

    def application(self, name: str, path: str, environ: Mapping[str, str], python: str = "") -> int:
        """Serve the ASGI application at `path` by the same server and options; return its port."""

        def program(sockets: list[int]) -> Program:
            command = [
                python or sys.executable,
                "-m",
                "bench.floors.serve",
                path,
                ",".join(map(str, sockets)),
            ]
            return Program(name, command, ROOT, {}, sockets)

        return self._serve(program, environ, "/")

    def run(self, program: Program, environ: Mapping[str, str] | None = None) -> None:
        """Keep `program` running."""
        self._supervisor.keep(replace(program, environ={**program.environ, **(environ or {})}))

    def pid(self, name: str) -> int:
        """Return the process id of `name`."""
        pid = self._supervisor.pid(name)
        assert pid is not None, f"{name} ended:\n{self.tail()}"
        return pid

    def tail(self) -> str:
        """Return the last lines that the servers wrote."""
        return self.log.read_text()[-3000:]

    def _serve(
        self, program: Callable[[list[int]], Program], environ: Mapping[str, str] | None, first: str
    ) -> int:
        sockets, port = listen(FIRST_PORT + len(self._sockets))
        self._sockets += sockets
        self.run(program([one.fileno() for one in sockets]), environ)
        _answered(f"http://127.0.0.1:{port}{first}")
        return port

    def stop(self) -> None:
        """Stop all of them."""
        self._supervisor.stop()
        for one in self._sockets:
            one.close()
        self._lines.close()


@contextlib.contextmanager
def servers(log: Path) -> Iterator[Servers]:
    """Give servers for the length of a `with`."""
    started = Servers(log)
    try:
        yield started
    except BaseException:
        print(started.tail(), file=sys.stderr)
        raise
    finally:
        started.stop()


def _answered(url: str) -> None:
    """Return once `url` gives an answer, whatever it is."""
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=60).close()  # noqa: S310  our own address
        except urllib.error.HTTPError as answer:
            answer.close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
            continue
        return


def resident_bytes(pid: int) -> int:
    """Return the memory that the process holds by itself: its private pages."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"There is no figure for process {pid}.")


def threads(pid: int) -> int:
    """Return how many threads the process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))
