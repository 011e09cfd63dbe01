"""Processes that do one thing as often as they can for some seconds, all at once."""

import multiprocessing
import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

PROCESSES = 8


class Crew:
    """`size` forked processes, each with its own database connection; `act(number)` is their one thing."""

    def __init__(self, act: Callable[[int], object], *, size: int = PROCESSES) -> None:
        from django.db import connections

        connections.close_all()  # a connection does not survive a fork
        context = multiprocessing.get_context("fork")
        self._pipes: list[Connection] = []
        self._processes = []
        for number in range(size):
            near, far = context.Pipe()
            process = context.Process(target=_work, args=[far, act, number], daemon=True)
            process.start()
            far.close()
            self._pipes.append(near)
            self._processes.append(process)
        self._all()

    def per_second(self, seconds: float = 3.0) -> float:
        """Return how many times a second they did it, all together."""
        for pipe in self._pipes:
            pipe.send(seconds)
        return sum(self._all())

    def _all(self) -> list[float]:
        answers = [pipe.recv() for pipe in self._pipes]
        for answer in answers:
            if isinstance(answer, str):
                raise RuntimeError(answer)  # noqa: TRY004  a child told what went wrong
        return answers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join(5.0)
            if process.is_alive():
                process.kill()


def _work(pipe: Connection, act: Callable[[int], object], number: int) -> None:
    try:
        act(number)  # connects, and warms what is cached
        pipe.send(0.0)
        while True:
            pipe.send(_count(act, number, pipe.recv()))
    except (EOFError, BrokenPipeError):
        pass
    except BaseException as error:
        pipe.send(repr(error))
        raise
    finally:
        os._exit(0)


def _count(act: Callable[[int], object], number: int, seconds: float) -> float:
    done = 0
    begin = now = time.perf_counter()
    while now < begin + seconds:
        act(number)
        done += 1
        now = time.perf_counter()
    return done / (now - begin)
