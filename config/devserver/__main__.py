"""`make run`: services, set-up, web, worker and beat of this folder, until Ctrl-C."""

import contextlib
import fcntl
import os
import signal
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from config.devserver import programs, stripe
from config.devserver.console import say, tell
from config.devserver.embedded import Services, complete_environment
from config.devserver.ports import NoFreePortError, listen
from config.devserver.service import ServiceError
from config.devserver.supervisor import Supervisor, launch

DEMO = "Demo sign-in:"
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartError(Exception):
    """The studio cannot start; the message says what to do."""


def main() -> int:
    """Run the studio in the foreground and return the exit code."""
    # Only here: reading it takes over what `.env` says, servers and port too.
    from config.settings.env import VAR_DIR, env

    for number in _STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    wanted = env.int("PORT", default=8000)
    try:
        _refuse_stray_key()
        with _only_one(VAR_DIR) as lock:
            sockets, port = listen(wanted)
            if port != wanted:
                tell(f"Port {wanted} is taken; using {port}. Choose another with: make run PORT=…")
            address = f"http://localhost:{port}"
            _record(lock, address)
            os.environ["SITE_URL"] = address
            _run(VAR_DIR, sockets, address)
    except (StartError, ServiceError, NoFreePortError) as error:
        tell(str(error))
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _refuse_stray_key() -> None:
    """Raise StartError where it is not clear whether Stripe or the sandbox is meant."""
    if stripe.stray():
        raise StartError(
            "STRIPE_API_KEY holds a key of Stripe's, and the sandbox does not start beside one. To use "
            "Stripe, name the key STRIPE_SECRET_KEY; to use the sandbox, unset STRIPE_API_KEY, in .env too."
        )


def _run(folder: Path, sockets: list[socket.socket], address: str) -> None:
    """Run everything until a signal interrupts; then stop all of it, undisturbed by further signals."""
    services = Services(folder)
    supervisor = Supervisor(say)
    try:
        sandbox = _stand_in_for_stripe(supervisor, folder)
        complete_environment(folder)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
        services.start()
        gate, opener = os.pipe()
        supervisor.keep(programs.web([s.fileno() for s in sockets], gate))
        demo = _prepare(stripe=bool(sandbox))
        os.close(opener)
        _wait_for_page(address)
        supervisor.keep(programs.worker())
        supervisor.keep(programs.beat(folder))
        _welcome(address, sandbox.address if sandbox else None, demo)
        threading.Event().wait()
    finally:
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        tell("Stopping …")
        supervisor.stop()
        services.stop()
        tell("Stopped.")


def _stand_in_for_stripe(supervisor: Supervisor, folder: Path) -> stripe.Place | None:
    """Start the Stripe sandbox where no key of Stripe's is set, and return its place; None beside a key."""
    if not stripe.wanted():
        return None
    place = stripe.listening()
    stripe.point_at(folder, place.address)
    supervisor.keep(programs.stripe([s.fileno() for s in place.sockets], folder))
    return place


def _prepare(*, stripe: bool) -> list[str]:
    """Bring the database up to date; return the lines about the demo account, for the end of the start."""
    demo: list[str] = []
    with launch(programs.prepare(stripe=stripe)) as process:
        try:
            for line in process.stdout or ():
                text = line.rstrip("\n")
                if text.startswith(DEMO):
                    demo.append(text)
                else:
                    say("setup", text)
        except KeyboardInterrupt:
            process.terminate()
            raise
    if process.returncode != 0:
        raise StartError("The database could not be prepared; the reason stands above.")
    return demo


def _wait_for_page(address: str) -> None:
    """Return when the web process has answered once, whatever the answer."""
    while True:
        try:
            urllib.request.urlopen(address, timeout=60).close()  # noqa: S310  our own address
        except urllib.error.HTTPError as answer:
            answer.close()
        except OSError:
            continue  # it ended while answering; the supervisor starts it again
        return


def _welcome(address: str, sandbox: str | None, demo: list[str]) -> None:
    tell("")
    tell(f"Atelier runs at {address}")
    tell(f"The mails it sends stand at {address}/mailbox/")
    if sandbox:
        tell(f"Payments go to its Stripe sandbox, where no money moves: {sandbox}/sandbox/")
    for line in demo:
        tell(line)
    tell("Ctrl-C stops it; everything is kept.")
    tell("")


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[IO[str]]:
    """Hold the folder's lock; refuse when another run of the same folder holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StartError(f"Atelier already runs from this folder: {lock.read().strip()}") from None
        yield lock


def _record(lock: IO[str], address: str) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(f"{address} (process {os.getpid()}). Stop that one first.\n")
    lock.flush()


if __name__ == "__main__":
    sys.exit(main())
