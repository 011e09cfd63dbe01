"""Finds a free port and holds it for the web process."""

import errno
import socket

TRIES = 50


class NoFreePortError(Exception):
    """Neither the wanted port nor the following ones are free."""


def listen(wanted: int) -> tuple[list[socket.socket], int]:
    """Listen on loopback at `wanted`, else at the next free port; return the sockets and the port."""
    for port in range(wanted, min(wanted + TRIES, 65536)):
        sockets = _listen_on(port)
        if sockets:
            return sockets, port
    raise NoFreePortError(
        f"No port from {wanted} to {wanted + TRIES - 1} is free. Choose one: make run PORT=…"
    )


def _listen_on(port: int) -> list[socket.socket]:
    """Listen on both loopback addresses that `localhost` means, or on neither."""
    sockets: list[socket.socket] = []
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            listener = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            continue  # a machine without this family
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(512)
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRNOTAVAIL:
                continue
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            for other in sockets:
                other.close()
            return []
        sockets.append(listener)
    return sockets
