"""The real PostgreSQL and Valkey that `make run` and the tests bring along, and where they are found."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from config.devserver import stripe
from config.devserver.postgres import create_database, database_url, postgres
from config.devserver.service import make_private, socket_folder
from config.devserver.valkey import redis_url, valkey


class Services:
    """PostgreSQL and Valkey of one folder; each is left out when the environment names a server for it."""

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = True,
        identity: str | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.folder = folder
        self.postgres = (
            None if environ.get("DATABASE_URL") else postgres(folder, durable=durable, identity=identity)
        )
        self.valkey = None if environ.get("REDIS_URL") else valkey(folder, durable=durable)

    def start(self) -> None:
        """Start what is ours and return when it answers. The children end with the calling thread."""
        services = [service for service in (self.postgres, self.valkey) if service]
        if not services:
            return
        (self.folder / "log").mkdir(parents=True, exist_ok=True)
        make_private(socket_folder(self.folder))
        try:
            for service in services:
                service.launch()
            for service in services:
                service.wait_ready()
            if self.postgres:
                create_database(self.folder)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what was started; nothing of it is left running."""
        for service in (self.valkey, self.postgres):
            if service:
                service.stop()


def complete_environment(folder: Path) -> None:
    """Name the services of `folder` and its secret key in the environment, where it names none itself."""
    os.environ.setdefault("DATABASE_URL", database_url(folder))
    os.environ.setdefault("REDIS_URL", redis_url(folder))
    if not (os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE")):
        os.environ["SECRET_KEY_FILE"] = str(_secret_key_file(folder))
    stripe.complete_environment(folder)


def _secret_key_file(folder: Path) -> Path:
    """Return the file of the folder's secret key, made once and readable by its owner only."""
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return path
