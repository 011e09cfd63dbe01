"""1 000 streams on one process against bare Starlette over the same hub: deliveries, memory, threads."""

import asyncio
import statistics
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.environments import packages
from bench.harness import REPEATS, LeftOut, Result, ratio, row, spread
from bench.listeners import Listeners
from bench.servers import Servers, resident_bytes, servers, threads

STREAMS = 1_000
FEW = 50
"""Opened and counted first, so that what a process loads once is not counted as a stream's."""
SECONDS = 3.0


@dataclass(frozen=True)
class Figures:
    """What one process did."""

    deliveries: float
    bytes_a_stream: float
    threads_more: int


@row("streams")
def rows() -> Iterator[Result | LeftOut]:
    """Measure five times, each time with fresh processes."""
    try:
        starlette = packages("starlette", "starlette")
    except RuntimeError as error:
        yield LeftOut("streams: 1 000 clients", f"Starlette could not be installed ({error})")
        return
    ours: list[Figures] = []
    bare: list[Figures] = []
    for _ in range(REPEATS):
        ours.append(_product())
        bare.append(_floor(starlette))
    deliveries = [[one.deliveries for one in side] for side in (ours, bare)]
    memory = [[one.bytes_a_stream / 1024 for one in side] for side in (ours, bare)]
    yield Result(
        "streams: deliveries / bare Starlette", ratio(*deliveries), 0.95, "higher",
        detail=f"{spread(deliveries[0])} against {spread(deliveries[1])} a second, {STREAMS} clients",
    )  # fmt: skip
    yield Result(
        "streams: memory a stream / bare Starlette", ratio(*memory), 1.1, "lower",
        detail=f"{spread(memory[0], digits=1)} against {spread(memory[1], digits=1)} kB",
    )  # fmt: skip
    yield Result(
        "streams: threads of 1 000 streams", statistics.median(one.threads_more for one in ours), 0, "lower",
        "count", f"more than with {FEW} streams; bare Starlette {bare[0].threads_more}",
    )  # fmt: skip


def _product() -> Figures:
    from django.conf import settings
    from rest_framework_simplejwt.tokens import AccessToken

    from accounts.models import User
    from config.management.commands.seed_demo import EMAIL
    from objects.models import Document
    from orchestration.services import create_session
    from orchestration.spec import read_spec

    user = User.objects.get(email=EMAIL)
    document = Document.objects.visible_to(user).order_by("created_at").first()
    spec = read_spec(owner=user, data={"document": document, "roles": [{"role": "writer"}]})
    session = create_session(owner=user, spec=spec)
    headers = f"Authorization: Bearer {AccessToken.for_user(user)}\r\n"
    with servers(Path(settings.VAR_DIR) / "log" / "streams.log") as started:
        port = started.product({"STREAMS_PER_USER": str(100 * STREAMS)})
        return _measured(started, "web", port, session.pk, headers)


def _floor(starlette: str) -> Figures:
    from django.conf import settings

    with servers(Path(settings.VAR_DIR) / "log" / "starlette.log") as started:
        port = started.application(
            "starlette", "bench.floors.starlette_streams:application", {"PYTHONPATH": starlette}
        )
        return _measured(started, "starlette", port, uuid.uuid4(), "")


def _measured(started: Servers, name: str, port: int, session: uuid.UUID, headers: str) -> Figures:
    pid = started.pid(name)
    say = _voice(session)

    async def measure() -> Figures:
        path = f"/api/v1/sessions/{session}/events"
        listeners = Listeners()
        try:
            await listeners.connect(port=port, path=path, count=FEW, headers=headers)
            await listeners.deliveries_per_second(say, seconds=0.5)
            few = resident_bytes(pid), threads(pid)
            await listeners.connect(port=port, path=path, count=STREAMS - FEW, headers=headers)
            deliveries = await listeners.deliveries_per_second(say, seconds=SECONDS)
            many = resident_bytes(pid), threads(pid)
        finally:
            listeners.close()
        return Figures(deliveries, (many[0] - few[0]) / (STREAMS - FEW), many[1] - few[1])

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measure())


def _voice(session: uuid.UUID) -> Callable[[], None]:
    """Return what tells one token of a turn, as a worker does."""
    from orchestration.streaming.publish import TurnVoice

    voice = TurnVoice(session, uuid.uuid4(), 1, "")
    voice.say("")  # makes the turn known; nobody listens yet

    def say() -> None:
        voice.say("token ")

    return say
