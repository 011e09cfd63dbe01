"""Tests talk to this machine only: any other address is refused before a connection is tried."""

import ipaddress
import socket
from typing import Any


class OutsideAddressError(AssertionError):
    """A test tried to leave the machine."""


def refuse_outside_addresses() -> None:
    """Let sockets of this process reach unix sockets and loopback addresses, and look up no other name."""
    socket.socket.connect = _guarded(socket.socket.connect)  # type: ignore[method-assign]
    socket.socket.connect_ex = _guarded(socket.socket.connect_ex)  # type: ignore[method-assign]
    lookup = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _check(host)
        return lookup(host, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo


def _guarded(connect: Any) -> Any:
    def method(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _check(address[0])
        return connect(self, address)

    return method


def _check(host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name == "localhost":
        return
    try:
        outside = not ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        outside = True
    if outside:
        raise OutsideAddressError(f"A test tried to reach {name}.")
