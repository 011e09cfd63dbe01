"""The processes of the product, as `make run` and the live tests start them."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from config.devserver import stripe as sandbox
from config.devserver.supervisor import Program

ROOT = Path(__file__).resolve().parent.parent.parent
QUEUES = "interactive,batch,billing"


def prepare(*, stripe: bool = False) -> Program:
    """Bring the database up to date, and with `stripe` what the studio needs at Stripe; then end."""
    arguments = ["--stripe"] if stripe else []
    return Program("setup", [sys.executable, "-m", "config.devserver.prepare", *arguments], ROOT)


def stripe(sockets: Sequence[int], folder: Path) -> Program:
    """Stand in for Stripe on the listening `sockets`; what happened there is kept in `folder`."""
    options = [f"--fd={number}" for number in sockets]
    arguments = [*options, f"--store={sandbox.store(folder)}", f"--key={sandbox.KEY}"]
    return Program("stripe", [sys.executable, "-m", "billing.sandbox", *arguments], ROOT, files=list(sockets))


def web(sockets: Sequence[int], gate: int | None = None) -> Program:
    """Serve HTTP on the listening `sockets`, once the pipe `gate` is closed at its other end."""
    arguments = [",".join(map(str, sockets)), *([] if gate is None else [str(gate)])]
    return Program(
        "web",
        [sys.executable, "-m", "config.devserver.web", *arguments],
        ROOT,
        {
            # Requests come on many threads: they share a pool. Single-threaded processes keep a connection.
            "DATABASE_POOL": "true",
            # Static files reach ASGI as plain iterators; being told so once per process helps nobody.
            "PYTHONWARNINGS": "ignore:StreamingHttpResponse must consume synchronous iterators",
        },
        [*sockets, *([] if gate is None else [gate])],
    )


def worker(*, processes: int | None = None) -> Program:
    """Work on all queues with `processes` pool processes; by default one more than cores, at least 4."""
    size = processes or max(4, (os.cpu_count() or 1) + 1)
    arguments = ["worker", "-Q", QUEUES, "--pool=prefork", f"--concurrency={size}", "--loglevel=INFO"]
    return _celery("worker", [*arguments, "--without-gossip", "--without-mingle"])


def beat(folder: Path) -> Program:
    """Ring the clock; its state stands in `folder`."""
    return _celery("beat", ["beat", "--loglevel=WARNING", "--pidfile=", f"--schedule={folder / 'beat'}"])


def _celery(name: str, arguments: list[str]) -> Program:
    # Celery warns root about pickled messages; ours are JSON only.
    environ = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
    return Program(
        name, [sys.executable, "-m", "celery", "-q", "-A", "config.celery:app", *arguments], ROOT, environ
    )
