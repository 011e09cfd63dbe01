"""One real PostgreSQL and one real Valkey per test run, started before Django reads its settings.

Loaded by `-p tests.support.services`: settings are imported while pytest loads plugins, before any conftest.
With DATABASE_URL or REDIS_URL set, the run uses those servers instead and starts nothing for them. Where the
tests are spread over processes (`-n 2`), each of them has servers of its own.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from config.devserver import embedded, postgres, service, valkey

FOLDER = Path(tempfile.mkdtemp(prefix="atelier-tests-"))
_ADDRESSES = {"DATABASE_URL": postgres.database_url(FOLDER), "REDIS_URL": valkey.redis_url(FOLDER)}
_OWN = "ATELIER_TEST_SERVERS"
"""Names the addresses that the process which spreads the tests made up for itself: not for its children."""

for _name in os.environ.pop(_OWN, "").split():
    del os.environ[_name]
SERVICES = embedded.Services(FOLDER, durable=False)
os.environ[_OWN] = " ".join(name for name in _ADDRESSES if name not in os.environ)
for _name, _address in _ADDRESSES.items():
    os.environ.setdefault(_name, _address)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the services; a run that only collects, or spreads the tests, needs none."""
    if not session.config.option.collectonly and not session.config.getoption("numprocesses", None):
        # Ended from outside, the run still stops its services and removes its folder.
        signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", returncode=143))
        SERVICES.start()


def pytest_unconfigure() -> None:
    """Stop the services and remove all they wrote."""
    SERVICES.stop()
    shutil.rmtree(service.socket_folder(FOLDER), ignore_errors=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
