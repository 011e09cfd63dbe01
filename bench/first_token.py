"""How much later than from the provider itself a browser reads the first token, with 50 runs live."""

import asyncio
import contextlib
import json
import multiprocessing
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.harness import REPEATS, Result, eventually, p95, row, spread
from bench.servers import servers
from config.devserver import programs

RUNS = 50
APART_SECONDS = 0.08
"""Between two starts: the last begins while the first still writes."""
_SENT = re.compile(rb"sent=(\d+\.\d+);")


@row("first-token")
def rows() -> Iterator[Result]:
    """Start 50 runs one after the other, as a browser would watch them; the first time warms the workers."""
    from django.conf import settings

    users = _users()
    with servers(Path(settings.VAR_DIR) / "log" / "first_token.log") as started:
        provider = started.application("provider", "bench.floors.provider:application", {})
        port = started.product()
        environ = {"OPENAI_BASE_URL": f"http://127.0.0.1:{provider}/v1", "OPENAI_API_KEY": "bench"}
        started.run(programs.worker(processes=RUNS), environ)
        eventually(lambda: "ready." in started.log.read_text(), "the worker to listen", 120)
        _live(port, users)
        ours, direct = [], []
        for _ in range(REPEATS):
            direct.append(asyncio.run(_watch_all([_question(provider)] * RUNS, apart=APART_SECONDS)))
            ours.append(_live(port, users))
    added = [p95(one) - statistics.median(other) for one, other in zip(ours, direct, strict=True)]
    middle = [statistics.median(one) for one in ours]
    yield Result(
        "first token: added at p95, 50 runs live", statistics.median(added), 50, "lower", "ms",
        f"p95 {spread(added, digits=1)}, median of all {spread(middle, digits=1)}; "
        f"direct {statistics.median(map(statistics.median, direct)):.1f} ms",
    )  # fmt: skip


def _users() -> list[Any]:
    """Return 50 people on the largest plan."""
    from datetime import timedelta

    from accounts.models import User
    from billing.models import Plan
    from billing.provisioning import comp_plan
    from config.common import clock
    from objects.services import create_document

    plan = Plan.objects.get(code="pro")
    users = []
    for number in range(RUNS):
        user = User.objects.create_user(f"bench{number}@atelier.example", None)
        until = clock.now() + timedelta(days=60)
        comp_plan(user=user, plan=plan, until=until, actor=user, reason="bench")
        create_document(owner=user, title="Bench", body="In order to know the sea, he read it.")
        users.append(user)
    return users


def _live(port: int, users: Sequence[Any]) -> list[float]:
    """Run one session of each user and return after how many milliseconds each first token was read."""
    from django.db import connections
    from rest_framework_simplejwt.tokens import AccessToken

    from orchestration.models import Session

    sessions = [_draft(user) for user in users]
    requests = [
        (port, _follow(session, AccessToken.for_user(user)))
        for session, user in zip(sessions, users, strict=True)
    ]
    connections.close_all()  # a connection does not survive a fork
    starter = multiprocessing.get_context("fork").Process(
        target=_start_all, args=[[(session.pk, user) for session, user in zip(sessions, users, strict=True)]]
    )
    starter.start()
    late = asyncio.run(_watch_all(requests))
    starter.join()
    assert starter.exitcode == 0, "not every run was started"
    ended = Session.objects.filter(pk__in=[session.pk for session in sessions], status="completed")
    eventually(lambda: ended.count() == RUNS, "all runs to end")
    return late


def _draft(user: Any) -> Any:
    from objects.models import Document
    from orchestration.services import create_session
    from orchestration.spec import read_spec

    data = {
        "document": Document.objects.visible_to(user).get(),
        "roles": [{"role": "writer", "model": "gpt-4o-mini"}],
        "max_rounds": 1,
    }
    return create_session(owner=user, spec=read_spec(owner=user, data=data))


def _start_all(sessions: list[tuple[Any, Any]]) -> None:
    from django.test import override_settings

    from orchestration.services import start_session

    time.sleep(2.0)  # until every stream is open
    with override_settings(OPENAI_API_KEY="bench"):
        for session, user in sessions:
            start_session(session_id=session, user=user)
            time.sleep(APART_SECONDS)


def _follow(session: Any, token: object) -> str:
    return (
        f"GET /api/v1/sessions/{session.pk}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    )


def _question(port: int) -> tuple[int, str]:
    body = json.dumps({"model": "gpt-4o-mini", "stream": True, "messages": []})
    return port, (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


async def _watch_all(requests: Sequence[tuple[int, str]], apart: float = 0.0) -> list[float]:
    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        watching = [
            group.create_task(_watch(port, request, number * apart))
            for number, (port, request) in enumerate(requests)
        ]
    return [one.result() for one in watching]


async def _watch(port: int, request: str, wait: float) -> float:
    """Return how many milliseconds after it was sent the first piece was read; read on to the end."""
    await asyncio.sleep(wait)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    read = b""
    while not (found := _SENT.search(read)):
        more = await reader.read(65536)
        if not more:
            raise RuntimeError(f"The stream ended: {read[-500:]!r}")
        read += more
    late = (time.monotonic() - float(found[1])) * 1000
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(20):
            while more := await reader.read(65536):
                if b"event: done" in more or b"[DONE]" in more:
                    break
    writer.close()
    return late
