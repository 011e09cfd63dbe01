"""`python -m billing.sandbox`: the sandbox on a port of this machine, until it is told to stop."""

import argparse
import os
import re
import socket
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from billing.sandbox import KEY_PREFIX

if TYPE_CHECKING:
    from billing.sandbox.world import World

DEFAULT_KEY = f"{KEY_PREFIX}AtelierOnThisMachine"
ROOT = Path(__file__).resolve().parents[2]
_NAMED = re.compile(r"STRIPE_(\w+_)?(SECRET|API|RESTRICTED)_KEY")
"""The settings that hold keys; with _FILE after it, the path of a file that does."""
_REAL = re.compile(r"(sk|rk)_(live|test)_\w+")
_FITS = re.compile(rf"{KEY_PREFIX}[A-Za-z0-9]{{9,}}")
_LINE = re.compile(r"""\s*(?:export\s+)?(\w+)\s*=\s*["']?([^"'\s#]*)""")
CATCH_UP_SECONDS = 30.0


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; refuse to start beside a key that is not the sandbox's own."""
    parser = argparse.ArgumentParser(prog="python -m billing.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--fd", type=int, action="append", help="an inherited listening socket, instead")
    parser.add_argument("--store", type=Path, required=True, help="the file that keeps everything")
    parser.add_argument("--key", default=DEFAULT_KEY)
    options = parser.parse_args(arguments)
    try:
        refuse_real_keys(options.key, os.environ, (Path.cwd() / ".env", ROOT / ".env"))
        sockets = on_loopback(options.port, options.fd)
    except RefusedError as refused:
        sys.stderr.write(f"The Stripe sandbox does not start: {refused}\n")
        return 2
    serve(options.store, options.key, sockets)
    return 0


class RefusedError(Exception):
    """The sandbox may not run here; the message says why, and never what the key is."""


def refuse_real_keys(given: str, environ: Mapping[str, str], files: Iterable[Path]) -> None:
    """Raise RefusedError for a key that is not the sandbox's own: given, in the environment, or in a `.env`.

    Whatever a setting that names a key holds has to be the sandbox's; anything else may not look like
    Stripe's. A file that a setting names is read.
    """
    settings = [("--key", given, True), *_settings(environ)]
    for path in files:
        if path.is_file():
            lines = filter(None, map(_LINE.match, path.read_text().splitlines()))
            read = {line[1]: line[2] for line in lines}
            settings += [(f"{name} in {path.name}", value, is_key) for name, value, is_key in _settings(read)]
    for name, value, is_key in settings:
        if value and not _FITS.fullmatch(value) and (is_key or _REAL.fullmatch(value)):
            raise RefusedError(
                f"{name} holds a key that is not the sandbox's own (those begin with {KEY_PREFIX}). "
                "With a real key the studio talks to Stripe itself."
            )


def _settings(found: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    """Yield name and value of each setting, and whether it is one that holds a key."""
    for name, value in found.items():
        bare = name.removesuffix("_FILE")
        if not _NAMED.fullmatch(bare):
            yield name, value, False
        elif bare == name:
            yield name, value, True
        elif value and Path(value).is_file():
            yield name, Path(value).read_text().strip(), True


def on_loopback(port: int, inherited: list[int] | None) -> list[socket.socket]:
    """Return the sockets to answer on; RefusedError for one that others than this machine could reach."""
    if not inherited:
        return [socket.create_server(("127.0.0.1", port), backlog=512)]
    sockets = [socket.socket(fileno=number) for number in inherited]
    for listener in sockets:
        address = listener.getsockname()[0]
        if not ip_address(address).is_loopback:
            raise RefusedError(f"it was given a socket on {address}, and answers on loopback only.")
    return sockets


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
