"""The monthly reset of a million wallets against the bare rows that it writes, and a tenth of them."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial

from bench.harness import Result, alternate, ratio, row, spread

WALLETS = int(os.environ.get("RESET_WALLETS", "1000000"))
WORKERS = 2
TENTH_DAY, ALL_DAY = 5, 20
"""Of which day of the month each group's months begin."""

_GROUP = """
WITH wallet AS (
    INSERT INTO credits_wallet (available, held, allowance, used, seq, head, opened_at, parked_reason)
    SELECT 0, 0, 0, 0, 0, decode(repeat('00', 32), 'hex'), %s::timestamptz + n * interval '1 millisecond', ''
    FROM generate_series(1, %s) n
    RETURNING id, opened_at
)
INSERT INTO credits_monthlyallowance
    (wallet_id, amount, rollover_cap, due_at, reference_kind, reference_id, description)
SELECT id, 20, 0, opened_at, 'subscription', gen_random_uuid(), 'Free, credits of the month' FROM wallet
"""
_FLOOR_TABLES = """
CREATE TABLE bench_reset_wallet (LIKE credits_wallet, PRIMARY KEY (id));
CREATE TABLE bench_reset_lot (LIKE credits_lot INCLUDING IDENTITY, PRIMARY KEY (id));
CREATE TABLE bench_reset_entry (LIKE credits_entry INCLUDING IDENTITY, PRIMARY KEY (id));
INSERT INTO bench_reset_wallet SELECT * FROM credits_wallet WHERE date_part('day', opened_at) = %s;
"""
_FLOOR = (
    """
    UPDATE bench_reset_wallet SET available = 20, used = 0, seq = seq + 2, head = head,
        period_start = period_end, period_end = period_end + interval '1 month'
    """,
    """
    INSERT INTO bench_reset_lot
        (wallet_id, granted, remaining, expires_at, period_start, created_at, source_key, source)
    SELECT id, 20, 20, period_end, period_start, now(), '00000000-0000-0000-0000-000000000000', 'allowance'
    FROM bench_reset_wallet
    """,
    """
    INSERT INTO bench_reset_entry
        (wallet_id, seq, kind, amount, held_change, balance_after, held_after, created_at, lot_id,
         key, reference_kind, reference_id, description, hash)
    SELECT id, seq + step, kind, amount, 0, balance, 0, now(), step, '00000000-0000-0000-0000-000000000000',
           'subscription', '00000000-0000-0000-0000-000000000000', 'Free, credits of the month', head
    FROM bench_reset_wallet,
         (VALUES (1, 'expire', -20, 0), (2, 'grant', 20, 20)) entry (step, kind, amount, balance)
    """,
)
"""The rows of a reset, bare: no index but the key, no check, no hash, nothing looked up, one commit."""


class Calendar:
    """Months that pass: a group's next one is due when it is asked for, and done in shares as by tasks."""

    def __init__(self, workers: ProcessPoolExecutor, day: int, wallets: int) -> None:
        self.workers, self.day, self.wallets, self.months = workers, day, wallets, 0

    def reset(self) -> float:
        """Let the next month begin through the door of the product; return the seconds it took."""
        from credits import resets

        self.months += 1
        year, month = divmod(self.months, 12)
        at = datetime(2024 + year, month + 1, self.day, 12, tzinfo=UTC)
        _settle_down()
        began = time.perf_counter()
        begun = sum(self.workers.map(partial(_run, at), resets.shares(at=at)))
        seconds = time.perf_counter() - began
        if begun != self.wallets:
            raise RuntimeError(f"{begun} of {self.wallets} months began")
        return seconds


@row("reset")
def rows() -> Iterator[Result]:
    """Measure both sizes and the floor in turn."""
    from django.db import connections

    connections.close_all()  # a connection does not survive a fork
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("fork")) as workers:
        list(workers.map(abs, range(WORKERS)))  # forked now, while there is no connection to share
        tenth, everybody = Calendar(workers, TENTH_DAY, WALLETS // 10), Calendar(workers, ALL_DAY, WALLETS)
        _build(tenth, everybody)
        few, many, floor = alternate(tenth.reset, everybody.reset, _floor)
    yield Result(
        f"reset: {WALLETS:,} wallets / the bare rows", ratio(many, floor), 4.0, "lower",
        detail=f"{spread(many, digits=1)} s against {spread(floor, digits=1)} s",
    )  # fmt: skip
    yield Result(
        f"reset: {WALLETS:,} wallets / {WALLETS // 10:,}", ratio(many, few), 12.0, "lower",
        detail=f"{spread(many, digits=1)} s against {spread(few, digits=2)} s",
    )  # fmt: skip


def _build(*groups: Calendar) -> None:
    """Make the wallets, each with the month before the measured ones; the last group has its bare copy."""
    from django.db import connection

    from credits import resets

    with connection.cursor() as cursor:
        for group in groups:
            cursor.execute(_GROUP, [datetime(2024, 1, group.day, tzinfo=UTC), group.wallets])
    at = datetime(2024, 1, 31, tzinfo=UTC)
    list(groups[0].workers.map(partial(_run, at), resets.shares(at=at)))
    with connection.cursor() as cursor:
        cursor.execute(_FLOOR_TABLES, [groups[-1].day])
        cursor.execute("VACUUM ANALYZE")


def _run(at: datetime, among: range) -> int:
    from credits import resets

    return resets.run(at=at, among=among)


def _floor() -> float:
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_reset_lot, bench_reset_entry")
        cursor.execute("VACUUM bench_reset_wallet")
        _settle_down()
        began = time.perf_counter()
        with transaction.atomic():
            for statement in _FLOOR:
                cursor.execute(statement)
        return time.perf_counter() - began


def _settle_down() -> None:
    """Write out what the last measure left behind, so that the next one does not wait for it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
