"""The ledger against two others on the same server: django-hordak, and pgledger called from Django."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.against import pgledger
from bench.crew import Crew
from bench.environments import environ, python
from bench.harness import LeftOut, Result, alternate, ratio, row, spread
from bench.ledger import cycle, wallets

HORDAK = "ledger: movement / django-hordak transfer"
PGLEDGER = "ledger: movement / pgledger transfer"
SECONDS = "3\n"


@row("rivals")
def rows() -> Iterator[Result | LeftOut]:
    """Measure movements beside theirs."""
    ids = wallets()
    yield from _hordak(ids)
    yield from _pgledger(ids)


def _hordak(ids: range) -> Iterator[Result | LeftOut]:
    from django.db import connection

    try:
        interpreter = python("hordak", "django-hordak==2.0.0", "psycopg[binary]")
    except RuntimeError as error:
        yield LeftOut(HORDAK, f"it could not be installed ({error})")
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE bench_hordak")
    url = os.environ["DATABASE_URL"].replace("/atelier?", "/bench_hordak?")
    with subprocess.Popen(
        [interpreter, "-m", "bench.against.hordak", url],
        env=environ(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin
        assert other.stdout
        answers, questions = other.stdout, other.stdin

        def transfers() -> float:
            questions.write(SECONDS)
            questions.flush()
            return float(answers.readline())

        try:
            assert answers.readline() == "ready\n", "hordak did not start; its message stands above"
            with Crew(lambda _: cycle(ids)) as crew:
                cycles, theirs = alternate(crew.per_second, transfers)
        finally:
            questions.close()
    yield _result(HORDAK, cycles, theirs, 5.0)


def _pgledger(ids: range) -> Iterator[Result | LeftOut]:
    named = os.environ.get("PGLEDGER_SQL", "")
    if not named:
        yield LeftOut(
            PGLEDGER,
            "no registry carries its SQL; PGLEDGER_SQL=uuid-to-ulid.sql:pgledger.sql runs the row",
        )
        return
    accounts = pgledger.install([Path(file) for file in named.split(os.pathsep)])
    with Crew(lambda _: cycle(ids)) as crew, Crew(lambda _: pgledger.transfer(accounts)) as other:
        cycles, theirs = alternate(crew.per_second, other.per_second)
    yield _result(PGLEDGER, cycles, theirs, 1.5)


def _result(name: str, cycles: list[float], theirs: list[float], mark: float) -> Result:
    movements = [2 * one for one in cycles]
    detail = f"{spread(movements)} against {spread(theirs)} a second"
    return Result(name, ratio(movements, theirs), mark, "higher", detail=detail)
