"""`make run` in a fresh copy of the checkout, until its first page; and again when everything is there."""

import os
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.ground import ROOT, VAR
from bench.harness import REPEATS, LeftOut, Result, row, spread

FIRST_SECONDS, AGAIN_SECONDS = 30.0, 5.0
LONGEST = 300.0
_OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "VAR_DIR", "SITE_URL", "DJANGO_SETTINGS_MODULE")


@row("cold-start")
def rows() -> Iterator[Result | LeftOut]:
    """Start five fresh copies twice each. The wheels are in uv's cache: this checkout was set up by it."""
    if not (ROOT / ".git").exists():
        yield LeftOut("cold start", "this is not a checkout, so what belongs to a fresh one is not known")
        return
    first, again = [], []
    for _ in range(REPEATS):
        folder = Path(tempfile.mkdtemp(prefix="fresh-", dir=VAR))
        try:
            _copy_to(folder)
            first.append(_seconds_to_page(folder))
            again.append(_seconds_to_page(folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    yield Result(
        "cold start: first page", statistics.median(first), FIRST_SECONDS, "lower", "s",
        f"{spread(first, digits=1)} from a fresh checkout, wheels cached",
    )  # fmt: skip
    yield Result(
        "cold start: first page the second time", statistics.median(again), AGAIN_SECONDS, "lower", "s",
        spread(again, digits=1),
    )  # fmt: skip


def _copy_to(folder: Path) -> None:
    """Copy what belongs to the repository, as it is in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def _seconds_to_page(folder: Path) -> float:
    """Return how long `make run` takes until its first page has arrived; then stop it."""
    port = _free_port()
    environ = {name: value for name, value in os.environ.items() if name not in _OURS} | {"PORT": str(port)}
    log = folder / "make-run.log"
    begin = time.monotonic()
    with log.open("wb") as output:
        studio = subprocess.Popen(
            ["make", "run"],
            cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://localhost:{port}/", timeout=LONGEST).close()
                return time.monotonic() - begin
            except OSError:
                if studio.poll() is not None or time.monotonic() > begin + LONGEST:
                    raise RuntimeError(f"`make run` gave no page:\n{log.read_text()[-2000:]}") from None
                time.sleep(0.05)
    finally:
        _stop(studio)


def _stop(studio: subprocess.Popen[bytes]) -> None:
    """Stop it as Ctrl-C does: the signal goes to make and all that it started."""
    if studio.poll() is None:
        os.killpg(studio.pid, signal.SIGINT)
    try:
        studio.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(studio.pid, signal.SIGKILL)
        studio.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
