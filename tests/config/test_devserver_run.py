"""`make run` as a person meets it: one command, an address, a clean end."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from config.devserver import stripe
from tests.support.processes import soon

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "-m", "config.devserver"]


def _environment(folder: Path) -> dict[str, str]:
    inherited = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SITE_URL", "STRIPE_SECRET_KEY")
    kept = {name: value for name, value in os.environ.items() if name not in inherited}
    return {**kept, "VAR_DIR": str(folder), "PORT": "18500"}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, Path]]:
    """The studio, run in a folder of its own: the process, its address, the folder."""
    with subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env=_environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line)
            if found := re.search(r"Atelier runs at (http://localhost:\d+)", line):
                break
        else:
            pytest.fail("".join(lines))
        yield process, found[1], tmp_path
        process.send_signal(signal.SIGINT)
        process.stdout.read()


def _processes_of(folder: Path) -> list[str]:
    """Return the command lines of living processes that name the folder or were started with it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes()
                environ = (entry / "environ").read_bytes()
            except OSError:
                continue
            if command and (str(folder).encode() in command or f"VAR_DIR={folder}".encode() in environ):
                found.append(command.replace(b"\0", b" ").decode())
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to see that nothing is left")
def test_run_serves_refuses_a_second_and_leaves_nothing(
    studio: tuple[subprocess.Popen[str], str, Path],
) -> None:
    process, address, folder = studio
    assert httpx.get(f"{address}/accounts/login/", timeout=30).status_code == 200
    assert httpx.get(f"{address}/mailbox/", timeout=30).status_code == 200

    assert process.stdout
    line = next(line for line in process.stdout if "Stripe sandbox" in line)
    sandbox = line.rpartition(" ")[2].strip().removesuffix("/sandbox/")
    prices = httpx.get(f"{sandbox}/v1/prices", auth=(stripe.KEY, ""), timeout=30).json()["data"]
    assert prices
    assert (folder / "stripe" / "address").read_text() == sandbox

    second = subprocess.run(
        COMMAND, cwd=ROOT, env=_environment(folder), capture_output=True, text=True, timeout=30, check=False
    )
    assert second.returncode == 1
    assert second.stdout == (
        f"Atelier already runs from this folder: {address} (process {process.pid}). Stop that one first.\n"
    )

    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert _processes_of(folder) == []
    assert (folder / "postgres" / "PG_VERSION").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal for a parent's death is Linux's")
def test_run_killed_the_hard_way_leaves_nothing_either(
    studio: tuple[subprocess.Popen[str], str, Path],
) -> None:
    process, _, folder = studio
    process.kill()
    process.wait()
    soon(lambda: not _processes_of(folder), 30)
    assert _processes_of(folder) == []
