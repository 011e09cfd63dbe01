"""One server process as a private child: launched, waited for, stopped, killed, started again."""

import contextlib
import hashlib
import importlib.util
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")
READY_SECONDS = 60.0
STOP_SECONDS = 30.0


class ServiceError(Exception):
    """A service did not come up; the message says why and where its log stands."""


def child_command(*command: str, identity: str = "same", on_orphan: int = signal.SIGTERM) -> list[str]:
    """Return `command` wrapped so that it dies by `on_orphan` with the thread that starts it (Linux)."""
    return [sys.executable, "-ISs", str(CHILD), identity, str(os.getpid()), str(int(on_orphan)), *command]


def package_file(package: str, pattern: str) -> Path:
    """Return the file of an installed package that matches `pattern`, without importing the package."""
    spec = importlib.util.find_spec(package)
    found = sorted(Path(spec.origin).parent.glob(pattern)) if spec and spec.origin else []
    if not found:
        raise ServiceError(f"{package} is not installed, or brings no {pattern} for this machine.")
    return found[-1]


def neutral_environment() -> dict[str, str]:
    """Return the environment for a server: a locale that is not installed here would stop it."""
    return {**os.environ, "LC_ALL": "C", "LANG": "C", "TZ": "UTC"}


def socket_folder(folder: Path) -> Path:
    """Return the private folder of the sockets that belong to `folder`.

    A socket's path may have about 100 characters: a deep `folder` gets one in the temporary folder.
    """
    near = folder.resolve() / "run"
    if len(os.fsencode(near / ".s.PGSQL.5432.lock")) <= 100:
        return near
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"atelier-{os.getuid()}-{name}"


def make_private(folder: Path) -> None:
    """Make `folder` ours alone; refuse one that somebody else put there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
        raise ServiceError(f"{folder} belongs to somebody else; remove it.")
    folder.chmod(0o700)


class Service:
    """One server: `command` is asked for at every launch, `ready` says whether it answers."""

    def __init__(
        self,
        name: str,
        *,
        command: Callable[[], list[str]],
        stop_signal: int,
        log: Path,
        ready: Callable[[], bool],
    ) -> None:
        self.name = name
        self._command = command
        self._stop_signal = stop_signal
        self._log = log
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The server's process id."""
        if self._process is None:
            raise ServiceError(f"{self.name} is not running.")
        return self._process.pid

    def launch(self) -> None:
        """Start the server without waiting for it. It ends with the calling thread."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=neutral_environment(),
            )

    def wait_ready(self) -> None:
        """Return once the server answers; raise ServiceError if it ended or takes longer than a minute."""
        deadline = time.monotonic() + READY_SECONDS
        while not self._ready():
            if self._process is None or self._process.poll() is not None:
                tail = self._log.read_text(errors="replace")[-2000:]
                raise ServiceError(f"{self.name} ended at start. The end of {self._log}:\n{tail}")
            if time.monotonic() > deadline:
                raise ServiceError(f"{self.name} gave no answer in {READY_SECONDS:.0f} s; see {self._log}.")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server and wait until it is gone."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(self._stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the server the hard way, as a crash would."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Start the server again, after `stop` or `kill`, and wait until it answers."""
        self.launch()
        self.wait_ready()


def end_leftover(pidfile: Path, marker: str, stop_signal: int) -> None:
    """End a server that outlived its supervisor, so that no two share their data.

    That happens after kill -9 where the kernel has no signal for a parent's death. The caller holds the
    folder's lock: no living supervisor owns the server. `marker` in the command line tells it from something
    else that meanwhile got its process id.
    """
    try:
        pid = int(pidfile.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return
    deadline = time.monotonic() + STOP_SECONDS
    while marker in _command_line(pid):
        if time.monotonic() > deadline:
            raise ServiceError(f"Process {pid} still uses {pidfile.parent} and does not stop; end it.")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, stop_signal)
        time.sleep(0.1)
    pidfile.unlink(missing_ok=True)


def _command_line(pid: int) -> str:
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
        except OSError:
            return ""
    shown = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout
