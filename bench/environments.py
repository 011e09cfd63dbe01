"""Environments of their own for what the rows compare with: nothing of it is a dependency of the product."""

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bench.ground import ROOT

FOLDER = ROOT / "var" / "bench" / "environments"


@cache
def packages(name: str, *wanted: str) -> str:
    """Return the folder, for PYTHONPATH, of environment `name`: for what must run beside our own packages."""
    folder = Path(python(name, *wanted)).parent.parent
    return str(next(folder.glob("lib/python*/site-packages")))


@cache
def python(name: str, *packages: str) -> str:
    """Return the interpreter of environment `name` with `packages`, made on first use.

    What both sides use has one version: the product's pins constrain it. RuntimeError when it cannot be made.
    """
    folder = FOLDER / name
    made = folder / ".packages"
    interpreter = folder / "bin" / "python"
    if not made.exists() or made.read_text() != " ".join(packages):
        _uv("venv", "-q", "--clear", "--python", sys.executable, str(folder))
        constraints = str(ROOT / "requirements" / "base.txt")
        _uv("pip", "install", "-q", "--python", str(interpreter), "-c", constraints, *packages)
        made.write_text(" ".join(packages))
    return str(interpreter)


def environ(**more: str) -> dict[str, str]:
    """Return the environment for a process outside the product: ours, without its settings."""
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def _uv(*arguments: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    command: Sequence[str] = [str(uv) if uv.exists() else "uv", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-600:])
