"""Confines the process that parses a file: little memory, little time, no network, no other program.

Every guard is applied where the system has it; on systems without one the others still hold.
"""

import ctypes
import os
import sys

try:
    import resource
except ImportError:  # pragma: no cover - systems without POSIX limits
    resource = None  # type: ignore[assignment]

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.startfile",
    "pty.",
    "ctypes.dlopen",
    "shutil.",
    "urllib.",
    "ftplib.",
    "smtplib.",
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine(*, memory: int, cpu_seconds: int, output_bytes: int) -> None:
    """Limit this process for good: bytes of memory, seconds of processor time, bytes of any file."""
    _leave_network()
    for name, value in (
        ("RLIMIT_AS", memory),
        ("RLIMIT_CPU", cpu_seconds),
        ("RLIMIT_FSIZE", output_bytes),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", 64),
    ):
        _limit(name, value)
    sys.addaudithook(_refuse)


def _limit(name: str, value: int) -> None:
    """Set one limit; macOS refuses some of them."""
    kind = getattr(resource, name, None)
    if kind is None:
        return
    try:
        resource.setrlimit(kind, (value, value))
    except (ValueError, OSError):
        return


def _leave_network() -> None:
    """Move into an empty network, on Linux where the system lets us."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.unshare(_CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWUSER | _CLONE_NEWNET)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Stop what a parser never needs, whatever a file talks it into."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not allowed while reading a file")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        raise PermissionError("writing is not allowed while reading a file")
