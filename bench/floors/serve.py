"""Serves a floor exactly as `config.devserver.web` serves the product.

Usage: python -m bench.floors.serve MODULE:APPLICATION SOCKETS, file descriptors separated by commas.
"""

import socket
import sys

import uvicorn


def main(application: str, sockets: str) -> None:
    """Serve until told to stop."""
    config = uvicorn.Config(
        application,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(fd)) for fd in sockets.split(",")])


if __name__ == "__main__":
    main(*sys.argv[1:])
