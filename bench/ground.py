"""What the rows stand on: a PostgreSQL that waits for the disk and a Valkey, both for this run only."""

import contextlib
import os
import resource
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from config.devserver import postgres, service, valkey
from config.devserver.embedded import Services

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "bench"
"""On the disk of the checkout: a temporary folder may be in memory, where a commit costs nothing."""


@contextlib.contextmanager
def services() -> Iterator[Path]:
    """Run the servers in a folder of their own, name them in the environment, and remove all of it."""
    VAR.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=VAR))
    os.environ |= {
        "DATABASE_URL": postgres.database_url(folder),
        "REDIS_URL": valkey.redis_url(folder),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "VAR_DIR": str(folder),
        "SITE_URL": "http://127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
    }
    # An empty environment: the servers that it names are the ones to start.
    running = Services(folder, environ={})
    try:
        running.start()
        yield folder
    finally:
        running.stop()
        shutil.rmtree(service.socket_folder(folder), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def prepare() -> None:
    """Load Django, migrate, and make the demo account: the data that the pages show."""
    import django

    django.setup()
    from config.devserver.prepare import main

    main()


def open_many_files() -> None:
    """Allow this process and its children as many sockets as the machine lets it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16384 if hard == resource.RLIM_INFINITY else min(hard, 16384)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
