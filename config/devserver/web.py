"""The web process of `make run`: loads the application, waits until set-up is done, serves inherited sockets.

Usage: python -m config.devserver.web SOCKETS [GATE], file descriptors, those of SOCKETS separated by commas.

The sockets belong to the supervisor: while this process loads or is replaced, browsers wait instead of being
refused.
"""

import os
import socket
import sys

import uvicorn
from django.urls import get_resolver


def main(sockets: str, gate: str | None = None) -> None:
    """Serve until told to stop."""
    config = uvicorn.Config(
        "config.asgi:application",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=3,
    )
    config.load()
    get_resolver().url_patterns  # noqa: B018  loads every view now, not with the first request
    if gate is not None:
        os.read(int(gate), 1)  # returns at the end of file: when the supervisor has closed its end
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(fd)) for fd in sockets.split(",")])


if __name__ == "__main__":
    main(*sys.argv[1:])
