"""Keeps programs running: starts again what ends, stops all of it without leaving anything behind."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.devserver.service import child_command

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
HEALTHY_SECONDS = 20.0
STOP_SECONDS = 10.0

Say = Callable[[str, str], None]
"""Takes a program's name and one line that it wrote, or that is written about it."""


@dataclass(frozen=True)
class Program:
    """What to run, where, with what added to the environment, and which open files it inherits."""

    name: str
    command: Sequence[str]
    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[int] = ()


class Supervisor:
    """Runs programs until told to stop; one thread watches each, because a child dies with its thread."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._lock = threading.Lock()

    def keep(self, program: Program) -> None:
        """Start `program`, and again whenever it ends, after a pause that grows while it keeps failing."""
        thread = threading.Thread(target=self._keep, args=[program], name=program.name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def pid(self, name: str) -> int | None:
        """Return the process id under which `name` runs now; None between two lives."""
        with self._lock:
            process = self._processes.get(name)
            return process.pid if process else None

    def stop(self) -> None:
        """Ask every program to end, end what does not within ten seconds, and return when all are gone."""
        self._stopping.set()
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._signal(signal.SIGKILL)
        for thread in self._threads:
            thread.join()

    def _keep(self, program: Program) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            started = time.monotonic()
            code = self._run(program)
            if self._stopping.is_set():
                return
            pause = FIRST_PAUSE if time.monotonic() - started > HEALTHY_SECONDS else pause
            self._say(program.name, f"ended ({_ending(code)}); starting it again in {pause:.1f} s")
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _run(self, program: Program) -> int:
        with self._lock:
            if self._stopping.is_set():
                return 0
            process = launch(program)
            self._processes[program.name] = process
        assert process.stdout is not None  # noqa: S101  launched with a pipe
        reader = threading.Thread(target=self._read, args=[program.name, process.stdout], daemon=True)
        reader.start()
        code = process.wait()
        with self._lock:
            del self._processes[program.name]
        # What it started itself (pool processes of a killed worker) may not work on beside its successor.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        reader.join(1.0)
        return code

    def _read(self, name: str, lines: IO[str]) -> None:
        with lines:
            for line in lines:
                self._say(name, line.rstrip("\n"))

    def _signal(self, number: signal.Signals) -> None:
        with self._lock:
            for process in self._processes.values():
                with contextlib.suppress(ProcessLookupError):
                    if number == signal.SIGKILL:
                        os.killpg(process.pid, number)
                    else:
                        process.send_signal(number)


def launch(program: Program) -> subprocess.Popen[str]:
    """Start `program` in a session of its own, its output in one pipe; it ends with the calling thread."""
    return subprocess.Popen(
        child_command(*program.command),
        cwd=program.folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **program.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=list(program.files),
        start_new_session=True,
        text=True,
        errors="replace",
    )


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
