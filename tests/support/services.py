"""One real PostgreSQL and one real Valkey per test run, started before Django reads its settings.

Loaded by `-p tests.support.services`: settings are imported while pytest loads plugins, before any conftest.
With DATABASE_URL or REDIS_URL set, the run uses those servers instead and starts nothing for them.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from config.devserver import embedded, postgres, service, valkey

FOLDER = Path(tempfile.mkdtemp(prefix="atelier-tests-"))
SERVICES = embedded.Services(FOLDER, durable=False)

os.environ.setdefault("DATABASE_URL", postgres.database_url(FOLDER))
os.environ.setdefault("REDIS_URL", valkey.redis_url(FOLDER))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the services; a run that only collects needs none."""
    if not session.config.option.collectonly:
        # Ended from outside, the run still stops its services and removes its folder.
        signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", returncode=143))
        SERVICES.start()


def pytest_unconfigure() -> None:
    """Stop the services and remove all they wrote."""
    SERVICES.stop()
    shutil.rmtree(service.socket_folder(FOLDER), ignore_errors=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
