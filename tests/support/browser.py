"""Debian's Chromium for pytest-playwright; where there is none, browser tests say so and are skipped."""

import os
import shutil
from typing import Any

import pytest

REQUIRED = "BROWSER_REQUIRED"
"""Set in the environment where a missing browser must fail the run."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = [
    "--no-sandbox",  # containers run tests as root
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    # Nothing leaves the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Say which browser pytest-playwright starts, and how."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        message = f"No browser: none of {', '.join(_NAMES)} is installed."
        if os.environ.get(REQUIRED):
            pytest.fail(message)
        pytest.skip(message)
    # Playwright keeps an event loop in this thread, which Django would take for an async view's.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {**browser_type_launch_args, "executable_path": found, "args": _ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Give every page a desktop's size and a fixed language; tests resize for the phone."""
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 900},
        "locale": "en-GB",
        "timezone_id": "UTC",
        "reduced_motion": "reduce",
    }
