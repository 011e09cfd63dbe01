"""Watching processes that a test ended or expects to end."""

import contextlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path


def gone(pid: int) -> bool:
    """Say whether the process has ended, be it waited for by its parent or not yet."""
    try:
        os.kill(pid, 0)
        if sys.platform != "linux":
            return False
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


def soon(condition: Callable[[], object], seconds: float = 10.0) -> bool:
    """Say whether `condition` comes to hold within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def children(pid: int) -> list[int]:
    """Return the processes that `pid` started and that still run (Linux)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if parent == str(pid) and state != "Z":
                found.append(int(stat.parent.name))
    return found


def threads(pid: int) -> int:
    """Return how many threads a process has, none when it has ended (Linux)."""
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except (FileNotFoundError, ProcessLookupError):
        return 0
