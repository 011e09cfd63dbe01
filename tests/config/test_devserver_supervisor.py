"""The supervisor: starts again what ends, and leaves nothing behind."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.devserver import ports
from config.devserver.supervisor import Program, Supervisor
from tests.support.processes import gone, soon


@pytest.fixture
def said() -> list[tuple[str, str]]:
    """Every line the supervisor passed on."""
    return []


@pytest.fixture
def supervisor(said: list[tuple[str, str]]) -> Iterator[Supervisor]:
    """A supervisor that is stopped whatever happens."""
    made = Supervisor(lambda name, line: said.append((name, line)))
    yield made
    made.stop()


def _program(code: str, *arguments: str, **environ: str) -> Program:
    return Program("job", [sys.executable, "-c", code, *arguments], Path.cwd(), environ)


def test_program_that_ends_is_started_again_with_growing_pauses(supervisor, said) -> None:
    supervisor.keep(_program("import os; print(os.environ['WORD']); raise SystemExit(3)", WORD="hello"))
    assert soon(lambda: said.count(("job", "hello")) >= 3)
    notes = [line for _, line in said if line.startswith("ended")]
    assert notes[:2] == [
        "ended (exit code 3); starting it again in 0.2 s",
        "ended (exit code 3); starting it again in 0.4 s",
    ]


def test_program_that_is_killed_takes_its_own_children_along(supervisor, said) -> None:
    code = "import os, time\nchild = os.fork()\nif child: print(child, flush=True)\ntime.sleep(60)\n"
    supervisor.keep(_program(code))
    assert soon(lambda: said)
    grandchild = int(said[0][1])
    first = supervisor.pid("job")
    os.kill(first, signal.SIGKILL)
    assert soon(lambda: gone(grandchild))
    assert soon(lambda: supervisor.pid("job") not in (None, first))
    assert said[1] == ("job", "ended (SIGKILL); starting it again in 0.2 s")


def test_stop_lets_a_program_finish_and_does_not_start_it_again(supervisor, said) -> None:
    code = (
        "import signal, sys, time\n"
        "def end(*_): print('finished', flush=True); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    supervisor.keep(_program(code))
    assert soon(lambda: said)
    supervisor.stop()
    assert said == [("job", "ready"), ("job", "finished")]
    assert supervisor.pid("job") is None


def test_stop_ends_a_program_that_will_not_listen(supervisor, said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.devserver.supervisor.STOP_SECONDS", 0.3)
    code = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True)\n"
        "time.sleep(60)\n"
    )
    supervisor.keep(_program(code))
    assert soon(lambda: said)
    pid = supervisor.pid("job")
    supervisor.stop()
    assert gone(pid)


def test_port_taken_gives_the_next_free_one() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        sockets, port = ports.listen(taken)
        try:
            assert port > taken
            assert {s.getsockname()[1] for s in sockets} == {port}
        finally:
            for listener in sockets:
                listener.close()


def test_port_none_free_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "TRIES", 1)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ports.NoFreePortError, match="make run PORT="):
            ports.listen(other.getsockname()[1])
