"""`python -m billing.sandbox`: the sandbox on a port of this machine, until it is told to stop."""

import argparse
import os
import re
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from billing.sandbox import KEY_PREFIX

if TYPE_CHECKING:
    from billing.sandbox.world import World

DEFAULT_KEY = f"{KEY_PREFIX}AtelierOnThisMachine"
_KEYS = ("STRIPE_SECRET_KEY", "STRIPE_API_KEY")
_FITS = re.compile(rf"{KEY_PREFIX}[A-Za-z0-9]{{9,}}")
CATCH_UP_SECONDS = 30.0


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; refuse to start beside a key that is not the sandbox's own."""
    parser = argparse.ArgumentParser(prog="python -m billing.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--fd", type=int, action="append", help="an inherited listening socket, instead")
    parser.add_argument("--store", type=Path, required=True, help="the file that keeps everything")
    parser.add_argument("--key", default=DEFAULT_KEY)
    options = parser.parse_args(arguments)
    refused = real_key(options.key)
    if refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    serve(options.store, options.key, _sockets(options.port, options.fd))
    return 0


def real_key(given: str) -> str | None:
    """Return why the sandbox may not run with this key and this environment; None when it may."""
    for name, key in [("--key", given), *((name, os.environ.get(name, "")) for name in _KEYS)]:
        if key and not _FITS.fullmatch(key):
            return (
                f"The Stripe sandbox does not start: {name} holds a key that is not the sandbox's own "
                f"(those begin with {KEY_PREFIX}). With a real key the studio talks to Stripe itself."
            )
    return None


def _sockets(port: int, inherited: list[int] | None) -> list[socket.socket]:
    if inherited:
        return [socket.socket(fileno=number) for number in inherited]
    return [socket.create_server(("127.0.0.1", port), backlog=512)]


def serve(path: Path, key: str, sockets: list[socket.socket]) -> None:
    """Open the store, deliver what is due, and answer."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing.sandbox.web.settings"
    import uvicorn

    from billing.sandbox import running
    from billing.sandbox.deliveries import Deliverer
    from billing.sandbox.store import Store
    from billing.sandbox.world import World

    path.parent.mkdir(parents=True, exist_ok=True)
    store = Store(path)
    world = World(store, f"http://127.0.0.1:{sockets[0].getsockname()[1]}")
    world.settle()
    deliverer = Deliverer(store)
    world.wake = deliverer.wake
    running.begin(world, key)
    config = uvicorn.Config(
        "billing.sandbox.web.asgi:application",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
    config.load()
    deliverer.start()
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_up, args=[world, stopping], daemon=True)
    keeper.start()
    try:
        uvicorn.Server(config).run(sockets=sockets)
    finally:
        stopping.set()
        keeper.join()
        deliverer.stop()
        store.close()


def _keep_up(world: "World", stopping: threading.Event) -> None:
    """Let happen what falls due by the clock on the wall, for customers whose time nobody has moved."""
    from billing.sandbox import engine
    from billing.sandbox.api import checkout

    while not stopping.wait(CATCH_UP_SECONDS):
        checkout.expire_due(world)
        engine.catch_up(world)


if __name__ == "__main__":
    sys.exit(main())
