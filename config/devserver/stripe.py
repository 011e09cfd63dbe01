"""The Stripe sandbox beside the studio: where no key is set, a stand-in for Stripe on this machine."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from config.devserver.ports import listen

PORT = 12111
SANDBOX = "sk_test_sandbox"
"""What the keys begin with that are the sandbox's own."""
KEY = f"{SANDBOX}AtelierOnThisMachine"


def wanted() -> bool:
    """Say whether the environment leaves payments to the sandbox: it names no key of Stripe's."""
    return not (os.environ.get("STRIPE_SECRET_KEY") or os.environ.get("STRIPE_SECRET_KEY_FILE"))


def stray() -> bool:
    """Say whether a key of Stripe's stands beside the sandbox, under the name that other programs give it.

    The studio does not read it; the sandbox refuses to start beside it.
    """
    key = os.environ.get("STRIPE_API_KEY", "")
    return wanted() and bool(key) and not key.startswith(SANDBOX)


@dataclass(frozen=True)
class Place:
    """Where the sandbox answers: its address, and the sockets, held while it may be started again."""

    sockets: list[socket.socket]
    address: str


def listening() -> Place:
    """Listen where the sandbox will answer; who calls before it is ready waits."""
    sockets, port = listen(PORT)
    return Place(sockets, f"http://127.0.0.1:{port}")


def point_at(folder: Path, address: str) -> None:
    """Have the programs started from now on, and commands given by hand, talk to the sandbox."""
    _record(folder).parent.mkdir(parents=True, exist_ok=True)
    _record(folder).write_text(address)
    complete_environment(folder)


def complete_environment(folder: Path) -> None:
    """Name the folder's sandbox, where it has ever had one, unless the environment has a key of its own."""
    if wanted() and _record(folder).exists():
        os.environ["STRIPE_SECRET_KEY"] = KEY
        os.environ["STRIPE_API_HOST"] = _record(folder).read_text()


def store(folder: Path) -> Path:
    """Return the file in which the sandbox keeps everything."""
    return folder / "stripe" / "store.sqlite"


def _record(folder: Path) -> Path:
    return folder / "stripe" / "address"
