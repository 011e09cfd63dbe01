"""The desk, signed in and with real data, against a bare Django page on the same server."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench.harness import Result, alternate, ratio, row, spread
from bench.load import requests_per_second
from bench.servers import servers

if TYPE_CHECKING:
    from django.test import Client

MOST_QUERIES = 12


@row("dashboard")
def rows() -> Iterator[Result]:
    """Measure requests a second, and count the page's queries."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User
    from config.management.commands.seed_demo import EMAIL

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(email=EMAIL))
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    yield Result(
        "dashboard: queries", _queries(client), MOST_QUERIES, "lower", "count",
        "of one request, the session's included",
    )  # fmt: skip
    with servers(Path(settings.VAR_DIR) / "log" / "dashboard.log") as started:
        ours = started.product()
        floor = started.application(
            "floor", "bench.floors.bare_django:application", {"DJANGO_SETTINGS_MODULE": ""}
        )
        desk, bare = alternate(
            lambda: requests_per_second(port=ours, path="/studio/", cookie=cookie),
            lambda: requests_per_second(port=floor, path="/", cookie=cookie),
        )
    yield Result(
        "dashboard: page / bare Django page", ratio(desk, bare), 0.50, "higher",
        detail=f"{spread(desk)} against {spread(bare)} requests a second",
    )  # fmt: skip


def _queries(client: "Client") -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get("/studio/")
    with CaptureQueriesContext(connection) as caught:
        assert client.get("/studio/").status_code == 200
    return len(caught)
